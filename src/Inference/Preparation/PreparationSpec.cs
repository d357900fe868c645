using System.Text.Json.Serialization;

namespace Inference.Preparation;

/// <summary>
/// How a picture becomes the network's input: cut to the region, put into colour order, stretched to the size
/// (bilinear; by area when either side shrinks by more than 2). Part of the embedding's identity.
/// </summary>
public sealed record PreparationSpec
{
    /// <summary>What is cut out of the picture before resizing; null takes the whole picture.</summary>
    public Region? Region { get; init; }

    /// <summary>The order of the channels that the network reads.</summary>
    [JsonRequired]
    public ColourOrder ColourOrder { get; init; } = ColourOrder.Rgb;

    [JsonRequired]
    public int WidthPx { get; init; } = 320;

    [JsonRequired]
    public int HeightPx { get; init; } = 320;

    /// <summary>What is looked at of a picture of this size.</summary>
    public Region RegionIn(int widthPx, int heightPx) => Region ?? new(0, 0, widthPx, heightPx);
}

/// <summary>A rectangle in pixels of the source picture.</summary>
public sealed record Region(int X, int Y, int WidthPx, int HeightPx);

/// <summary>Channel order of the prepared picture; grey sources are repeated into all three.</summary>
public enum ColourOrder
{
    Rgb,
    Bgr,
}
