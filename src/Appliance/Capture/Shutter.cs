namespace Appliance.Capture;

/// <summary>
/// Takes the right picture from a source. A source that waits to be asked gives its next one. A live camera is read all the time on a
/// thread of its own, so that no buffer in driver or network holds old pictures, and only the newest is kept.
/// </summary>
internal sealed class Shutter : IDisposable
{
    private readonly IFrameSource source;
    private readonly LiveReader? live;

    /// <param name="over">Called when a live camera ended or failed.</param>
    public Shutter(IFrameSource source, TimeProvider time, Action over)
    {
        this.source = source;
        if (source.IsLive) live = new LiveReader(source, time, over);
    }

    /// <summary>A live camera ended or failed; the next <see cref="Take"/> says which.</summary>
    public bool Over => live is { Over: true };

    /// <summary>Pictures of a live camera that nobody asked for.</summary>
    public long Skipped => live?.Skipped ?? 0;

    /// <summary>
    /// Blocks until a picture. For a trigger (<paramref name="after"/> is its timestamp) of a live camera it is the first whose exposure
    /// began after it. Null when the source has ended.
    /// </summary>
    public Frame? Take(long? after, CancellationToken cancellation) => live is null ? source.Grab(cancellation) : live.Take(after, cancellation);

    public void Dispose() => live?.Dispose();
}
