using Appliance.Inspection;
using Appliance.Journal;
using Inference.Decisions;

namespace Appliance.Models.Shadows;

/// <summary>What a candidate said beside the live model so far. Added to by the judging thread, read by any.</summary>
internal sealed class ShadowTally
{
    /// <summary>Differing inspections kept, the newest.</summary>
    public const int MostKept = 200;

    private readonly Lock gate = new();
    private readonly SortedDictionary<string, long> changed = new(StringComparer.Ordinal);
    private readonly Queue<ShadowDifference> newest = new();
    private long judged;
    private long agreed;
    private long contradicted;

    private readonly long limit;

    /// <param name="limit">Inspections that are counted; 0 for all.</param>
    /// <param name="before">What was counted before a restart.</param>
    public ShadowTally(long limit, ShadowFigures? before = null)
    {
        this.limit = limit;
        if (before is null) return;
        (judged, agreed, contradicted) = (before.Judged, before.Agreed, before.Contradicted);
        foreach (var (change, count) in before.Changed) changed[change] = count;
        foreach (var difference in before.Newest.Reverse()) newest.Enqueue(difference);
    }

    public ShadowFigures Figures
    {
        get
        {
            lock (gate) return new(judged, agreed, contradicted, new SortedDictionary<string, long>(changed, StringComparer.Ordinal), [.. newest.Reverse()]);
        }
    }

    /// <summary>Whether this was the last one that is counted.</summary>
    public bool Add(VerdictMessage live, in Decision candidate)
    {
        lock (gate)
        {
            if (limit > 0 && judged >= limit) return false;
            judged++;
            var isLast = judged == limit;
            if (live.Verdict == candidate.Verdict && (live.Verdict != Verdict.Ng || live.Class == candidate.Class))
            {
                agreed++;
                return isLast;
            }

            if ((live.Verdict, candidate.Verdict) is (Verdict.Ok, Verdict.Ng) or (Verdict.Ng, Verdict.Ok)) contradicted++;
            var change = live.Verdict == candidate.Verdict ? "NG to NG of another class" : $"{live.Verdict.Word()} to {candidate.Verdict.Word()}";
            changed[change] = changed.GetValueOrDefault(change) + 1;
            newest.Enqueue(new(
                new InspectionId(live.Epoch, live.Sequence).ToString(), live.Camera, live.Part, live.GrabbedAt, live.Verdict, live.Class, candidate.Verdict, candidate.Class, candidate.Probability, candidate.Reason));
            if (newest.Count > MostKept) newest.Dequeue();
            return isLast;
        }
    }
}
