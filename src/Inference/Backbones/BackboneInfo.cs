using Inference.Embeddings;
using Inference.Preparation;

namespace Inference.Backbones;

/// <summary>What a backbone's file says of itself.</summary>
/// <param name="Architecture">For example <c>efficientnet_lite0</c>.</param>
/// <param name="Sha256">Of the file, lower-case hex: its name in the store.</param>
/// <param name="WidthPx">Width of the picture that it reads.</param>
/// <param name="HeightPx">Height of the picture that it reads.</param>
/// <param name="ColourOrder">Order of the channels that it reads.</param>
/// <param name="Segments">What lies where in the embedding, without gaps.</param>
public sealed record BackboneInfo(
    string Architecture, string Sha256, int WidthPx, int HeightPx, ColourOrder ColourOrder, IReadOnlyList<EmbeddingSegment> Segments);
