namespace Inference.Preparation.Formats;

/// <summary>What a picture file says of itself, found without decoding it.</summary>
/// <param name="Format">PNG, JPEG, BMP, TIFF or WebP.</param>
/// <param name="WidthPx">As claimed; not yet held against any limit.</param>
/// <param name="HeightPx">As claimed.</param>
/// <param name="Problem">Why it cannot be a whole picture; null when it can.</param>
internal readonly record struct PictureHeader(string Format, long WidthPx, long HeightPx, string? Problem = null)
{
    public static PictureHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (PngHeader.Matches(bytes)) return PngHeader.Read(bytes);
        if (JpegHeader.Matches(bytes)) return JpegHeader.Read(bytes);
        if (BmpHeader.Matches(bytes)) return BmpHeader.Read(bytes);
        if (TiffHeader.Matches(bytes)) return TiffHeader.Read(bytes);
        if (WebPHeader.Matches(bytes)) return WebPHeader.Read(bytes);
        return new PictureHeader("", 0, 0, "The file is no PNG, JPEG, BMP, TIFF or WebP picture (by its first bytes).");
    }

    public static PictureHeader Truncated(string format, string what) => new(format, 0, 0, $"The {format} file is cut off: {what}.");

    public static PictureHeader Damaged(string format, string what) => new(format, 0, 0, $"The {format} file is damaged: {what}.");
}
