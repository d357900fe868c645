namespace Trainer.Evaluation;

/// <summary>
/// Resamples whole parts with replacement (cluster bootstrap; Field and Welsh, J. R. Statist. Soc. B 69, 2007): photographs of one part
/// are no independent evidence. Seeded.
/// </summary>
internal sealed class PartBootstrap(IReadOnlyList<string> parts, int resamples = 1000, int seed = 1)
{
    /// <summary>How often each picture counts, for each resample.</summary>
    public IEnumerable<int[]> Weights()
    {
        var index = parts.Distinct(StringComparer.Ordinal).Select((p, i) => (p, i)).ToDictionary(p => p.p, p => p.i, StringComparer.Ordinal);
        var partOf = parts.Select(p => index[p]).ToArray();
        var random = new Random(seed);
        for (var r = 0; r < resamples; r++)
        {
            var drawn = new int[index.Count];
            for (var i = 0; i < drawn.Length; i++) drawn[random.Next(drawn.Length)]++;
            yield return Array.ConvertAll(partOf, p => drawn[p]);
        }
    }

    /// <summary>The middle 95 % of a figure.</summary>
    public static Interval Middle(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? new(0, 0) : new(sorted[(int)(0.025 * (sorted.Length - 1))], sorted[(int)Math.Ceiling(0.975 * (sorted.Length - 1))]);
    }
}
