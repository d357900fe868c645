using Appliance.Inspection;
using Inference.Decisions;

namespace Appliance.Demo;

/// <summary>Counts verdicts as the subscriber gets them, and keeps the newest to show. Safe for several threads.</summary>
internal sealed class VerdictTally(Truth truth)
{
    private const int Shown = 8;
    private readonly Lock gate = new();
    private readonly int[] counts = new int[Enum.GetValues<Verdict>().Length];
    private readonly List<double> backboneMs = [];
    private readonly Queue<ShownVerdict> newest = new();

    public void Take(VerdictMessage verdict)
    {
        lock (gate)
        {
            counts[(int)verdict.Verdict]++;
            if (verdict.LatencyMs.Backbone > 0) backboneMs.Add(verdict.LatencyMs.Backbone);
            newest.Enqueue(new(verdict, truth.Of(verdict.Part, verdict.Source)));
            if (newest.Count > Shown) newest.Dequeue();
        }
    }

    public int Of(Verdict verdict)
    {
        lock (gate) return counts[(int)verdict];
    }

    public IReadOnlyList<ShownVerdict> Newest
    {
        get { lock (gate) return [.. newest.Reverse()]; }
    }

    /// <summary>Milliseconds of the backbone's run inside the service, at the quantile (0..1).</summary>
    public double BackboneMs(double quantile)
    {
        lock (gate)
        {
            if (backboneMs.Count == 0) return 0;
            var sorted = backboneMs.Order().ToList();
            return sorted[(int)Math.Min(sorted.Count - 1, quantile * sorted.Count)];
        }
    }
}

internal sealed record ShownVerdict(VerdictMessage Verdict, string? Truth);
