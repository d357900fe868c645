namespace Appliance.Capture;

/// <summary>Someone wants one inspection.</summary>
/// <param name="Id">Id of the trigger.</param>
/// <param name="Camera">Camera asked for; null where the station has one.</param>
/// <param name="Part">The part, where the line knows it.</param>
/// <param name="Recipe">Product being made.</param>
/// <param name="Timestamp"><see cref="TimeProvider.GetTimestamp"/> when it arrived: the picture must be younger.</param>
internal sealed record TriggerRequest(string Id, string? Camera, string? Part, string Recipe, long Timestamp)
{
    /// <summary>From its arrival until its verdict is published; null takes the station's.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary><see cref="TimeProvider.GetTimestamp"/> at which it gets its FAULT, early enough to be published by the deadline.</summary>
    public long Due { get; init; } = long.MaxValue;

    public TriggerProgress Progress { get; } = new();
}

/// <summary>How far a trigger has got. Written by who has it in hand, read by any thread.</summary>
internal sealed class TriggerProgress
{
    private volatile TriggerStage stage;
    private volatile bool over;

    public TriggerStage Stage
    {
        get => stage;
        set => stage = value;
    }

    /// <summary>It has its verdict: what still waits for it can go.</summary>
    public bool IsOver
    {
        get => over;
        set => over = value;
    }
}

internal enum TriggerStage
{
    NoPicture,
    Queued,
    BeingJudged,
}

/// <summary>What waits for judgement: one picture, or the reason why there is none.</summary>
internal abstract record Captured(string Camera, TriggerRequest? Trigger);

/// <summary>A picture. Whoever takes it out of the sink disposes the frame.</summary>
internal sealed record CapturedFrame(Frame Frame, TriggerRequest? Trigger) : Captured(Frame.Camera, Trigger);

/// <summary>The trigger gets no picture and must be answered FAULT. Without a trigger: a camera in free run has stopped delivering.</summary>
/// <param name="Reason">One of <see cref="Inference.Decisions.Reasons"/>.</param>
/// <param name="Detail">What happened, for people.</param>
/// <param name="Timestamp"><see cref="TimeProvider.GetTimestamp"/> when it was known.</param>
/// <param name="At">Wall clock then, a label only.</param>
internal sealed record CapturedFault(string Camera, TriggerRequest? Trigger, string Reason, string Detail, long Timestamp, DateTimeOffset At)
    : Captured(Camera, Trigger);

/// <summary>Takes what cameras capture. Called by several threads; never blocks.</summary>
internal interface IFrameSink
{
    /// <summary>Takes over the frame. A picture of free run may push out older ones of its camera; returns how many.</summary>
    int Offer(CapturedFrame captured);

    /// <summary>Takes a fault; never refused.</summary>
    void Fault(CapturedFault fault);
}
