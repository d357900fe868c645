namespace Inference.Preparation;

/// <summary>How large a picture file may be, before and after decoding.</summary>
public sealed record PictureLimits
{
    public static PictureLimits Default { get; } = new();

    /// <summary>Largest file, bytes.</summary>
    public int MaxFileBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>Longest side, pixels.</summary>
    public int MaxSidePx { get; init; } = 20_000;

    /// <summary>Largest area, pixels; 100 megapixels are 300 MB decoded.</summary>
    public long MaxPixels { get; init; } = 100_000_000;
}
