using System.Diagnostics;

namespace Benchmarks;

/// <summary>
/// Measures several ways in turn, one run each a round, so that whatever slows the machine down slows all of them. The order
/// turns from round to round: what ran before a way is not always the same one.
/// </summary>
internal static class Interleaved
{
    public static IReadOnlyList<Samples> Measure(int warmUpRounds, int rounds, params IReadOnlyList<Way> ways)
    {
        var ticks = ways.Select(_ => new long[rounds]).ToArray();
        for (var round = -warmUpRounds; round < rounds; round++)
        {
            for (var i = 0; i < ways.Count; i++)
            {
                var at = (i + round + warmUpRounds) % ways.Count;
                var start = Stopwatch.GetTimestamp();
                ways[at].Run();
                var elapsed = Stopwatch.GetTimestamp() - start;
                if (round >= 0) ticks[at][round] = elapsed;
            }
        }

        return [.. ways.Select((way, i) => new Samples(way.Name, ticks[i]))];
    }
}

/// <summary>One of the things compared.</summary>
internal sealed record Way(string Name, Action Run);

/// <summary>What one way took, milliseconds.</summary>
internal sealed class Samples
{
    private readonly double[] sorted;

    public Samples(string name, long[] ticks)
    {
        Name = name;
        sorted = [.. ticks.Select(tick => tick * 1000.0 / Stopwatch.Frequency).Order()];
    }

    public string Name { get; }

    public double P50 => At(0.50);

    public double P99 => At(0.99);

    /// <summary>The smallest sample that this share of all does not exceed.</summary>
    private double At(double share) => sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
}
