using System.Globalization;
using Inference.Embeddings;
using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>A slice with its features and the penalty that suits it. Owns slice and features.</summary>
internal sealed record ChosenSlice(StandardisedSlice Slice, RotatedFeatures Features, RidgePath.Point Point) : IDisposable
{
    public void Dispose()
    {
        Slice.Dispose();
        Features.Dispose();
    }
}

/// <summary>
/// Which stages a head reads: the last stage's average while classes have few labels, else the earlier stages pooled twice.
/// </summary>
internal static class SliceRule
{
    /// <summary>
    /// From so many labelled samples of the middle class on the earlier stages are the better guess. Measured on real parts: 10 a class are too
    /// few, 20 are enough, and then they are better for a class of 5 too.
    /// </summary>
    public const int EnoughLabels = 15;

    /// <param name="embedding">Layout of a row.</param>
    /// <param name="embeddings">[samples, D] float.</param>
    /// <param name="parts">The labelled ones.</param>
    /// <param name="weights">[labelled], balanced.</param>
    /// <param name="forced">Takes this one without choosing.</param>
    /// <param name="choices">Gets a line with the reason.</param>
    public static ChosenSlice Choose(EmbeddingSpec embedding, Tensor embeddings, LabelledParts parts, Tensor weights, HeadSlice? forced, List<string> choices)
    {
        var middle = parts.Counts.Order().ElementAt((parts.Classes.Count - 1) / 2);
        var earlier = HeadSlice.EarlierStages(embedding);
        var slice = forced ?? (middle >= EnoughLabels ? earlier : null) ?? HeadSlice.LastAverage(embedding);
        var reason = forced is not null ? "asked for" : earlier is null ? "the embedding has one stage"
            : string.Create(CultureInfo.InvariantCulture, $"the middle class has {middle} labels, earlier stages are taken from {EnoughLabels} on");
        var standardised = StandardisedSlice.From(embeddings, slice, parts.Rows);
        var features = RotatedFeatures.From(standardised.Labelled, weights);
        var point = RidgePath.Choose(features, parts);
        choices.Add($"slice {slice.Name} ({slice.Length} values): {reason}");
        return new(standardised, features, point);
    }
}
