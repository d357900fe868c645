namespace Trainer.Networks;

/// <summary>What a backbone file is made for.</summary>
/// <param name="HeightPx">Height of the picture; fixed, because the padding of strided convolutions depends on it.</param>
/// <param name="WidthPx">Width of the picture.</param>
internal sealed record BackboneOptions(int HeightPx, int WidthPx, BackboneInput Input = BackboneInput.Pixels);

/// <summary>How the picture enters the graph.</summary>
internal enum BackboneInput
{
    /// <summary>uint8 <c>[N,H,W,3]</c>; the graph casts, normalises and transposes.</summary>
    Pixels,

    /// <summary>float <c>[N,3,H,W]</c>, normalised by the caller: the usual export, kept to measure against.</summary>
    Normalised,
}
