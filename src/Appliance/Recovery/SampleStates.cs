using Appliance.Journal;

namespace Appliance.Recovery;

/// <summary>What a sample has, by the facts.</summary>
/// <param name="Repaired">The last repair of it; null for none.</param>
internal sealed record SampleState(SampleKept Kept, SampleRepaired? Repaired)
{
    public bool HasPicture => Repaired?.Picture ?? true;

    /// <summary>SHA-256 of its evidence file; null for none.</summary>
    public string? Evidence => Repaired is { Evidence: false } ? null : Kept.Evidence;

    public string? Identity => Repaired is null ? Kept.EmbeddingIdentity : Repaired.EmbeddingIdentity;

    public long Row => Identity is null ? -1 : Repaired?.Row ?? Kept.Row;
}

internal static class SampleStates
{
    /// <summary>Every sample that is still kept, once, in the order in which they were.</summary>
    public static IReadOnlyList<SampleState> Of(IEnumerable<Fact> facts)
    {
        var (places, states) = (new Dictionary<string, int>(StringComparer.Ordinal), new List<SampleState?>());
        foreach (var fact in facts)
        {
            if (fact is SampleKept kept && places.TryAdd(kept.Sample, states.Count)) states.Add(new(kept, null));
            else if (fact is SampleRepaired repaired && places.TryGetValue(repaired.Sample, out var place)) states[place] = states[place]! with { Repaired = repaired };
            else if (fact is SamplesDeleted deleted)
            {
                foreach (var sample in deleted.Samples)
                {
                    if (places.Remove(sample, out var gone)) states[gone] = null;
                }
            }
        }
        return [.. states.OfType<SampleState>()];
    }
}
