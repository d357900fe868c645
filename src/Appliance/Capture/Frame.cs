using Inference.Decisions;
using OpenCvSharp;

namespace Appliance.Capture;

/// <summary>
/// One picture from a source. Owns its <see cref="Mat"/> (8-bit, BGR or grey); whoever holds the frame disposes it, once,
/// and handing it over hands over that duty. The last disposal gives the buffer back to its pool.
/// </summary>
internal sealed class Frame : IDisposable
{
    private Action<Frame>? release;
    private Action? settled;
    private int holders = 1;
    private string? defect;

    internal Frame(Mat picture, Action<Frame>? release = null)
    {
        Picture = picture;
        this.release = release;
    }

    /// <summary>[H,W,3] BGR or [H,W,1] grey, bytes.</summary>
    public Mat Picture { get; }

    /// <summary>Name of the camera that it came from.</summary>
    public string Camera { get; init; } = "";

    /// <summary><see cref="TimeProvider.GetTimestamp"/> at the grab: latency is measured from here.</summary>
    public long GrabTimestamp { get; init; }

    /// <summary>Wall clock at the grab, a label only.</summary>
    public DateTimeOffset GrabbedAt { get; init; }

    /// <summary>Id of the physical part where the source knows it; null otherwise.</summary>
    public string? Part { get; init; }

    /// <summary>File name relative to the source, or null for a camera. Shown to people; never read by the judgement.</summary>
    public string? SourceName { get; init; }

    /// <summary>The bytes of the file that it was read from, kept as they are; null for a camera.</summary>
    public byte[]? OriginalBytes { get; init; }

    /// <summary>Lower-case extension with dot of <see cref="OriginalBytes"/>.</summary>
    public string? OriginalExtension { get; init; }

    /// <summary>Why there is no usable picture (broken file, wrong type): judged FAULT. Null for a good frame.</summary>
    public string? Defect
    {
        get => defect;
        init => defect = value;
    }

    /// <summary>Called once it has its verdict, or its trigger has one without it: its source never gives it again. On the judging thread, or while the queue is locked, so it must be quick.</summary>
    public Action? Settled
    {
        init => settled = value;
    }

    /// <summary>The reason of that FAULT, one of <see cref="Reasons"/>.</summary>
    public string DefectReason { get; private set; } = Reasons.BadPicture;

    /// <summary>Makes it one that is judged FAULT; by its source, before it is handed on.</summary>
    public void Refuse(string reason, string defect) => (DefectReason, this.defect) = (reason, defect);

    /// <summary>It has its verdict, or nobody waits for one any more. The first call counts.</summary>
    public void Settle() => Interlocked.Exchange(ref settled, null)?.Invoke();

    /// <summary>One holder more, who only reads, and disposes too.</summary>
    public Frame Hold()
    {
        Interlocked.Increment(ref holders);
        return this;
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref holders) > 0) return;
        var action = Interlocked.Exchange(ref release, null);
        if (action is not null) action(this);
        else Picture.Dispose();
    }
}
