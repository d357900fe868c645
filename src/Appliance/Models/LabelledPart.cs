using Inference.Jobs;

namespace Appliance.Models;

/// <summary>
/// A labelled part. It is bad where one of its inspections is labelled bad, with the most frequent of those labels; then the inspections that are labelled good, which
/// show its good side, say nothing of it.
/// </summary>
/// <param name="Samples">Those that show what the label says; at least one.</param>
/// <param name="Differs">Its labels are not all the same.</param>
internal sealed record LabelledPart(string Part, string Label, IReadOnlyList<TrainingSample> Samples, bool Differs)
{
    /// <param name="samples">Labelled ones count.</param>
    /// <param name="good">The class of good parts.</param>
    public static IEnumerable<LabelledPart> Of(IEnumerable<TrainingSample> samples, string good)
    {
        foreach (var part in samples.Where(s => s.Label is not null).GroupBy(s => s.Part, StringComparer.Ordinal))
        {
            var labels = part.GroupBy(s => s.Label!, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
            var bad = labels.Where(g => g.Key != good).ToList();
            yield return bad.Count == 0
                ? new(part.Key, good, [.. part], false)
                : new(part.Key, bad[0].Key, [.. part.Where(s => s.Label != good)], labels.Count > 1);
        }
    }
}
