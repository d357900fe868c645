using System.Diagnostics;
using Appliance.Capture;
using Appliance.Inspection;
using Appliance.Journal;
using Inference.Decisions;

namespace Appliance.Telemetry;

/// <summary>One inspection as a trace, told when it is over from what was measured anyway: grab, queue, prepare, backbone, head, commit, publish. Where nobody listens it costs a look at a field.</summary>
internal sealed class InspectionTraces(TimeProvider time)
{
    public const string SourceName = "InspectionAppliance";
    private static readonly ActivitySource Source = new(SourceName);
    private readonly Lock gate = new();

    // Committed and written are told by two threads, in either order; what the broker is too far behind for is overwritten.
    private readonly Meeting[] meetings = new Meeting[1024];

    /// <summary>The judging thread is done with a picture.</summary>
    /// <param name="taken">When it was taken from the queue; with <paramref name="decided"/> and <paramref name="committed"/> timestamps of the clock.</param>
    public void Inspected(Frame frame, VerdictMessage verdict, long taken, long decided, long committed)
    {
        if (Source.HasListeners()) Tell(frame, verdict, taken, decided, committed);
    }

    /// <summary>The verdict was handed to the broker's socket.</summary>
    public void Written(InspectionId id, long timestamp)
    {
        if (Source.HasListeners()) TellWritten(id, timestamp);
    }

    private void Tell(Frame frame, VerdictMessage verdict, long taken, long decided, long committed)
    {
        var grabbed = frame.GrabbedAt.UtcDateTime;
        using var root = Source.StartActivity("inspection", ActivityKind.Internal, default(ActivityContext), Tags(verdict), null, frame.GrabbedAt);
        if (root is null) return;
        var at = Stage(root, "queue", grabbed, time.GetElapsedTime(frame.GrabTimestamp, taken));
        at = Stage(root, "prepare", at, TimeSpan.FromMilliseconds(verdict.LatencyMs.Prepare));
        at = Stage(root, "backbone", at, TimeSpan.FromMilliseconds(verdict.LatencyMs.Backbone));
        Stage(root, "head", at, TimeSpan.FromMilliseconds(verdict.LatencyMs.Head));
        var end = Stage(root, "commit", grabbed + time.GetElapsedTime(frame.GrabTimestamp, decided), time.GetElapsedTime(decided, committed));
        root.SetEndTime(end);
        Meet(new(verdict.Epoch, verdict.Sequence), m => m with { Root = root.Context, Committed = committed, CommittedAt = end });
    }

    private void TellWritten(InspectionId id, long timestamp) => Meet(id, m => m with { Written = timestamp });

    private void Meet(InspectionId id, Func<Meeting, Meeting> add)
    {
        Meeting met;
        lock (gate)
        {
            ref var place = ref meetings[id.Sequence % (ulong)meetings.Length];
            place = add(place.Id == id ? place : new() { Id = id });
            met = place;
            // Sent again after a lost connection, it is no new stage.
            if (met is { Written: not 0, Committed: not 0 }) place = place with { Committed = 0 };
        }

        if (met is { Written: not 0, Committed: not 0 }) Stage(met.Root, "publish", met.CommittedAt, time.GetElapsedTime(met.Committed, Math.Max(met.Committed, met.Written)));
    }

    private static DateTime Stage(Activity root, string name, DateTime from, TimeSpan took) => Stage(root.Context, name, from, took);

    private static DateTime Stage(in ActivityContext parent, string name, DateTime from, TimeSpan took)
    {
        using var stage = Source.StartActivity(name, ActivityKind.Internal, parent, null, null, from);
        stage?.SetEndTime(from + took);
        return from + took;
    }

    private static KeyValuePair<string, object?>[] Tags(VerdictMessage verdict) =>
    [
        new("inspection.id", new InspectionId(verdict.Epoch, verdict.Sequence).ToString()), new("inspection.verdict", verdict.Verdict.Word()), new("inspection.camera", verdict.Camera),
        new("inspection.part", verdict.Part), new("inspection.model", verdict.Model),
    ];

    private readonly record struct Meeting(InspectionId Id, ActivityContext Root, long Committed, DateTime CommittedAt, long Written);
}
