namespace Appliance.Capture;

/// <summary>Wakes the one thread that waits, by a call or after a time on the station's clock. It may wake for nothing.</summary>
internal sealed class Wake(TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim signal = new(0);

    public void Set() => signal.Release();

    /// <param name="limit">Null waits for ever.</param>
    public void Wait(TimeSpan? limit, CancellationToken cancellation)
    {
        using var timer = limit is { } after ? time.CreateTimer(static state => ((SemaphoreSlim)state!).Release(), signal, after, Timeout.InfiniteTimeSpan) : null;
        signal.Wait(cancellation);
    }

    public void Dispose() => signal.Dispose();
}
