using Inference.Jobs;

namespace Appliance.Training;

/// <summary>
/// A class with too few labelled parts is not trained: a slip of the pen is no class. Its samples count as unlabelled, so that they still serve the statistics; and so do pictures that
/// show the good side of its parts, for a part with a bad label is never a good one.
/// </summary>
internal static class RareClasses
{
    /// <summary>The samples to train on, and which classes are left out, in words; null for none.</summary>
    /// <param name="good">The class of good parts, which is never left out.</param>
    public static (IReadOnlyList<TrainingSample> Samples, string? Said) LeaveOut(IReadOnlyList<TrainingSample> samples, string good, int leastParts)
    {
        var rare = samples.Where(s => s.Label is not null && s.Label != good).GroupBy(s => s.Label!, StringComparer.Ordinal)
            .Select(g => (Name: g.Key, Parts: g.Select(s => s.Part).Distinct(StringComparer.Ordinal).Count())).Where(c => c.Parts < leastParts)
            .OrderBy(c => c.Name, StringComparer.Ordinal).ToList();
        if (rare.Count == 0) return (samples, null);
        var names = rare.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        var parts = samples.Where(s => s.Label is { } label && names.Contains(label)).Select(s => s.Part).ToHashSet(StringComparer.Ordinal);
        return (
            [.. samples.Select(s => s.Label is { } label && (names.Contains(label) || (label == good && parts.Contains(s.Part))) ? s with { Label = null } : s)],
            $"not trained, with fewer than {leastParts} labelled parts (Training:LeastParts): {string.Join(", ", rare.Select(c => $"'{c.Name}' with {c.Parts}"))}");
    }
}
