using Inference.Jobs;

namespace Trainer.Heads;

/// <summary>How many parts each class has, for what is said to people.</summary>
internal sealed class PartCounts(IReadOnlyList<TrainingSample> labelled)
{
    private readonly Dictionary<string, int> counts = labelled.GroupBy(s => s.Label!, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.Select(s => s.Part).Distinct(StringComparer.Ordinal).Count(), StringComparer.Ordinal);

    /// <summary>Labelled parts of any class.</summary>
    public int Total { get; } = labelled.Select(s => s.Part).Distinct(StringComparer.Ordinal).Count();

    /// <summary>As <c>'good' with 12 parts, 'pit' with 1</c>.</summary>
    public string Say(IEnumerable<string> classes) => string.Join(", ", classes.Select((c, i) => $"'{c}' with {counts[c]}{(i > 0 ? "" : counts[c] == 1 ? " part" : " parts")}"));
}
