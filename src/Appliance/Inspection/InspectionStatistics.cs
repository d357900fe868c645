using Appliance.Journal;
using Inference.Decisions;

namespace Appliance.Inspection;

/// <summary>Counts since the start and the latencies of the last inspections. Safe for several threads.</summary>
internal sealed class InspectionStatistics(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly long[] counts = new long[Enum.GetValues<Verdict>().Length];
    private readonly RecentLatency commit = new();
    private readonly RecentLatency publish = new();

    // Commit and publish are told by two threads, in either order; what the broker is too far behind for is overwritten.
    private readonly (InspectionId Id, long Grabbed, long Written)[] meeting = new (InspectionId, long, long)[1024];
    private long total;
    private long deadlines;
    private long late;

    /// <summary>Told of each verdict: its reason, and the time since the grab. On the thread that committed it, so it must be quick.</summary>
    public Action<Verdict, string?, TimeSpan>? OnCommitted { get; set; }

    /// <summary>Told of each verdict that reached the broker's socket for the first time, with the time since the grab.</summary>
    public Action<TimeSpan>? OnPublished { get; set; }

    public void Committed(InspectionId id, Verdict verdict, long grabbed, string? reason = null)
    {
        var since = time.GetElapsedTime(grabbed);
        TimeSpan? published;
        lock (gate)
        {
            counts[(int)verdict]++;
            total++;
            if (reason == Reasons.Deadline) deadlines++;
            commit.Add(since.TotalMilliseconds);
            published = Meet(id, grabbed, 0);
        }

        OnCommitted?.Invoke(verdict, reason, since);
        if (published is { } p) OnPublished?.Invoke(p);
    }

    /// <summary>A result came whose trigger had its verdict already; it is not published.</summary>
    public void CameLate()
    {
        lock (gate) late++;
    }

    /// <summary>The verdict was handed to the broker's socket.</summary>
    public void Written(InspectionId id, long timestamp)
    {
        TimeSpan? published;
        lock (gate) published = Meet(id, 0, timestamp);
        if (published is { } p) OnPublished?.Invoke(p);
    }

    public InspectionFigures Figures
    {
        get
        {
            lock (gate)
            {
                return new(
                    total, counts[(int)Verdict.Ok], counts[(int)Verdict.Ng], counts[(int)Verdict.Unsure], counts[(int)Verdict.Fault], deadlines, late,
                    commit.At(0.5), commit.At(0.99), publish.At(0.5), publish.At(0.99));
            }
        }
    }

    // From grab to socket, once both are known.
    private TimeSpan? Meet(InspectionId id, long grabbed, long written)
    {
        ref var place = ref meeting[id.Sequence % (ulong)meeting.Length];
        if (place.Id != id) place = (id, 0, 0);
        place = (id, grabbed == 0 ? place.Grabbed : grabbed, written == 0 ? place.Written : written);
        if (place is not { Grabbed: not 0, Written: not 0 }) return null;
        var since = time.GetElapsedTime(place.Grabbed, place.Written);
        publish.Add(since.TotalMilliseconds);

        // Sent again after a lost connection, it is no new latency.
        place.Grabbed = 0;
        return since;
    }
}

/// <summary>Verdicts since the start, and milliseconds from grab to commit and from grab to the broker's socket over the last 1,024.</summary>
/// <param name="Deadline">Of the FAULTs, those at a deadline.</param>
/// <param name="Late">Results that came after their trigger's FAULT.</param>
internal sealed record InspectionFigures(
    long Inspections, long Ok, long Ng, long Unsure, long Fault, long Deadline, long Late, double CommitP50Ms, double CommitP99Ms, double PublishP50Ms, double PublishP99Ms);
