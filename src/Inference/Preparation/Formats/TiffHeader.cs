namespace Inference.Preparation.Formats;

/// <summary>
/// TIFF 6.0: byte order, 42, then a directory of tags with 12 bytes each. The first directory is the picture that OpenCV decodes;
/// its pixels lie in strips or tiles anywhere in the file.
/// </summary>
internal static class TiffHeader
{
    private const string Format = "TIFF";
    private const ushort WidthTag = 256;
    private const ushort HeightTag = 257;
    private const ushort StripOffsetsTag = 273;
    private const ushort StripLengthsTag = 279;
    private const ushort TileOffsetsTag = 324;
    private const ushort TileLengthsTag = 325;

    public static bool Matches(ReadOnlySpan<byte> bytes) => bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8);

    public static PictureHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8) return PictureHeader.Truncated(Format, "its header is missing");
        var little = bytes[0] == 'I';
        var directory = TiffTag.U32(bytes[4..], little);
        if (directory < 8 || directory + 2 > bytes.Length) return PictureHeader.Truncated(Format, "its directory is missing");
        var entries = bytes[(int)directory..];
        var count = TiffTag.U16(entries, little);
        if (2 + (count * 12) > entries.Length) return PictureHeader.Truncated(Format, "its directory is incomplete");

        TiffTag width = default, height = default, offsets = default, lengths = default;
        for (var i = 0; i < count; i++)
        {
            var tag = TiffTag.Read(entries.Slice(2 + (i * 12), 12), little);
            if (tag.Id == WidthTag) width = tag;
            if (tag.Id == HeightTag) height = tag;
            if (tag.Id is StripOffsetsTag or TileOffsetsTag) offsets = tag;
            if (tag.Id is StripLengthsTag or TileLengthsTag) lengths = tag;
        }

        if (offsets.Count != lengths.Count) return PictureHeader.Damaged(Format, $"it has {offsets.Count} places for {lengths.Count} strips");
        for (long i = 0; i < offsets.Count; i++)
        {
            if (!offsets.TryValue(bytes, i, out var offset) || !lengths.TryValue(bytes, i, out var length) || offset + length > bytes.Length)
                return PictureHeader.Truncated(Format, $"strip {i + 1} of {offsets.Count} is not whole");
        }

        return width.TryValue(bytes, 0, out var widthPx) && height.TryValue(bytes, 0, out var heightPx)
            ? new PictureHeader(Format, widthPx, heightPx)
            : PictureHeader.Damaged(Format, "it does not say its size");
    }
}
