namespace Appliance.Capture;

/// <summary>Someone wants one inspection.</summary>
/// <param name="Id">Id of the trigger.</param>
/// <param name="Camera">Camera asked for; null where the station has one.</param>
/// <param name="Part">The part, where the line knows it.</param>
/// <param name="Recipe">Product being made.</param>
/// <param name="Timestamp"><see cref="TimeProvider.GetTimestamp"/> when it arrived: the picture must be younger.</param>
internal sealed record TriggerRequest(string Id, string? Camera, string? Part, string Recipe, long Timestamp);

/// <summary>What waits for judgement: one picture, or the reason why a trigger gets none.</summary>
internal abstract record Captured(string Camera, TriggerRequest? Trigger);

/// <summary>A picture. Whoever takes it out of the sink disposes the frame.</summary>
internal sealed record CapturedFrame(Frame Frame, TriggerRequest? Trigger) : Captured(Frame.Camera, Trigger);

/// <summary>The trigger gets no picture and must be answered FAULT.</summary>
/// <param name="Reason">One of <see cref="Inference.Decisions.Reasons"/>.</param>
/// <param name="Detail">What happened, for people.</param>
/// <param name="Timestamp"><see cref="TimeProvider.GetTimestamp"/> when it was known.</param>
/// <param name="At">Wall clock then, a label only.</param>
internal sealed record CapturedFault(string Camera, TriggerRequest Trigger, string Reason, string Detail, long Timestamp, DateTimeOffset At)
    : Captured(Camera, Trigger);

/// <summary>Takes what cameras capture. Called by several threads; never blocks.</summary>
internal interface IFrameSink
{
    /// <summary>Takes over the frame. A picture of free run may push out older ones of its camera; returns how many.</summary>
    int Offer(CapturedFrame captured);

    /// <summary>Takes a fault; never refused.</summary>
    void Fault(CapturedFault fault);
}
