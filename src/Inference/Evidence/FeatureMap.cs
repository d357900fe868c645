namespace Inference.Evidence;

/// <summary>The feature map of a pooled stage: float [C,h,w].</summary>
/// <param name="Stage">For example <c>s5</c>; its pooled values are the segments <c>s5.avg</c> and <c>s5.max</c> of the embedding.</param>
public sealed record FeatureMap(string Stage, int Channels, int Height, int Width);
