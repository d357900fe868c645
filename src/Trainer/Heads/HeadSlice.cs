using Inference.Embeddings;

namespace Trainer.Heads;

/// <summary>Which pooled stages of the embedding a head reads.</summary>
/// <param name="Name">For people, for example <c>s5+s6 avg+max</c>.</param>
/// <param name="Segments">In the embedding's order.</param>
public sealed record HeadSlice(string Name, IReadOnlyList<EmbeddingSegment> Segments)
{
    /// <summary>Values that the head reads.</summary>
    public int Length => Segments.Sum(s => s.Length);

    /// <summary>Index into the whole embedding of each value that the head reads.</summary>
    public long[] Columns => [.. Segments.SelectMany(s => Enumerable.Range(s.Offset, s.Length).Select(i => (long)i))];

    /// <summary>The last stage's average: the usual head, and the better one while labels are few.</summary>
    public static HeadSlice LastAverage(EmbeddingSpec embedding)
    {
        var last = embedding.Segments.LastOrDefault(s => s.Name.EndsWith(".avg", StringComparison.Ordinal)) ?? embedding.Segments[^1];
        return new(last.Name, [last]);
    }

    /// <summary>Every stage before the last, all poolings; null where the embedding has one stage only.</summary>
    public static HeadSlice? EarlierStages(EmbeddingSpec embedding)
    {
        var last = StageOf(embedding.Segments[^1]);
        var earlier = embedding.Segments.Where(s => StageOf(s) != last).ToList();
        return earlier.Count == 0 ? null : new(Describe(earlier), earlier);
    }

    /// <summary>
    /// What the distance reads, whatever the head does: the earlier stages, where there are some. The last stage is made to overlook what is not
    /// an object: on it a uniform grey picture lies nearer than some held-out parts.
    /// </summary>
    public static HeadSlice ForDistance(EmbeddingSpec embedding) => EarlierStages(embedding) ?? LastAverage(embedding);

    /// <summary>Everything.</summary>
    public static HeadSlice Whole(EmbeddingSpec embedding) => new(Describe(embedding.Segments), embedding.Segments);

    private static string StageOf(EmbeddingSegment segment) => segment.Name.Split('.')[0];

    private static string Describe(IReadOnlyList<EmbeddingSegment> segments) =>
        string.Join('+', segments.Select(StageOf).Distinct()) + " " + string.Join('+', segments.Select(s => s.Name.Split('.')[^1]).Distinct());
}
