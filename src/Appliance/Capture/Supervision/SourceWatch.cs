using Inference.Decisions;
using OpenCvSharp;

namespace Appliance.Capture.Supervision;

/// <summary>What a look at one picture of a live camera showed.</summary>
internal enum Sighting
{
    /// <summary>A new picture that may be judged.</summary>
    Good,

    /// <summary>The picture before once more: nobody gets it.</summary>
    Repeat,

    /// <summary>Nothing is on it: it is judged FAULT.</summary>
    Black,

    /// <summary>The camera does not deliver, see the failure.</summary>
    Failed,
}

/// <summary>
/// Looks at every picture of one live camera, over all openings of its source. A camera that gives only repeats or only black pictures for
/// <see cref="CameraOptions.ReadTimeout"/> is as little use as one that gives none. Owns the last good picture. Used under a lock on itself.
/// </summary>
internal sealed class SourceWatch(CameraOptions options, CameraCounters counters, TimeProvider time) : IDisposable
{
    // A slow camera may give few pictures in the time-out.
    private const int FrozenRepeats = 5;
    private Frame? last;
    private Size? size;
    private int repeats;
    private long good;

    /// <summary>The source is open; what came before it does not count as waiting.</summary>
    public void Begin()
    {
        repeats = 0;
        good = time.GetTimestamp();
    }

    /// <summary>Any size will do again.</summary>
    public void ForgetSize() => size = null;

    /// <summary>The frame stays the caller's. A black one has a defect after this.</summary>
    public Sighting Look(Frame frame, out SourceFailure? failure)
    {
        failure = null;
        var now = frame.Picture.Size();
        if (size is { } began && began != now)
        {
            failure = new(Reasons.WrongSize, $"its pictures have {now.Width}x{now.Height} pixels now, they began with {began.Width}x{began.Height}.");
            return Sighting.Failed;
        }

        size = now;
        if (BlackPicture.Refuse(frame, options.BlackLevel))
        {
            if (Waited >= options.ReadTimeout) failure = new(Reasons.Black, $"its pictures have been black for {Waited.TotalSeconds:0.0} s; look at light, lens and cable.");
            return failure is null ? Sighting.Black : Sighting.Failed;
        }

        return options.RefuseRepeats && last is not null && SamePicture.Are(last.Picture, frame.Picture) ? Repeat(out failure) : Good(frame);
    }

    public void Dispose() => last?.Dispose();

    private TimeSpan Waited => time.GetElapsedTime(good);

    private Sighting Repeat(out SourceFailure? failure)
    {
        counters.Repeat();
        var frozen = ++repeats >= FrozenRepeats && Waited >= options.ReadTimeout;
        failure = frozen ? new(Reasons.Frozen, $"its picture is frozen: {repeats} more in {Waited.TotalSeconds:0.0} s were the same, bit for bit.") : null;
        return frozen ? Sighting.Failed : Sighting.Repeat;
    }

    private Sighting Good(Frame frame)
    {
        last?.Dispose();
        last = frame.Hold();
        repeats = 0;
        good = time.GetTimestamp();
        return Sighting.Good;
    }
}
