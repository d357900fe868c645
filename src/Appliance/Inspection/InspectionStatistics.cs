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

    public void Committed(InspectionId id, Verdict verdict, long grabbed, string? reason = null)
    {
        lock (gate)
        {
            counts[(int)verdict]++;
            total++;
            if (reason == Reasons.Deadline) deadlines++;
            commit.Add(time.GetElapsedTime(grabbed).TotalMilliseconds);
            Meet(id, grabbed, 0);
        }
    }

    /// <summary>A result came whose trigger had its verdict already; it is not published.</summary>
    public void CameLate()
    {
        lock (gate) late++;
    }

    /// <summary>The verdict was handed to the broker's socket.</summary>
    public void Written(InspectionId id, long timestamp)
    {
        lock (gate) Meet(id, 0, timestamp);
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

    private void Meet(InspectionId id, long grabbed, long written)
    {
        ref var place = ref meeting[id.Sequence % (ulong)meeting.Length];
        if (place.Id != id) place = (id, 0, 0);
        place = (id, grabbed == 0 ? place.Grabbed : grabbed, written == 0 ? place.Written : written);
        if (place is not { Grabbed: not 0, Written: not 0 }) return;
        publish.Add(time.GetElapsedTime(place.Grabbed, place.Written).TotalMilliseconds);

        // Sent again after a lost connection, it is no new latency.
        place.Grabbed = 0;
    }
}

/// <summary>Verdicts since the start, and milliseconds from grab to commit and from grab to the broker's socket over the last 1,024.</summary>
/// <param name="Deadline">Of the FAULTs, those at a deadline.</param>
/// <param name="Late">Results that came after their trigger's FAULT.</param>
internal sealed record InspectionFigures(
    long Inspections, long Ok, long Ng, long Unsure, long Fault, long Deadline, long Late, double CommitP50Ms, double CommitP99Ms, double PublishP50Ms, double PublishP99Ms);
