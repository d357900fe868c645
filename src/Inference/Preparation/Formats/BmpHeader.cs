using System.Buffers.Binary;

namespace Inference.Preparation.Formats;

/// <summary>Windows bitmap: a file header of 14 bytes, then an information header (of 12, or 40 and more bytes).</summary>
internal static class BmpHeader
{
    private const string Format = "BMP";

    public static bool Matches(ReadOnlySpan<byte> bytes) => bytes.StartsWith("BM"u8);

    public static PictureHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 34) return PictureHeader.Truncated(Format, "its header is missing");
        long pixelsAt = BinaryPrimitives.ReadUInt32LittleEndian(bytes[10..]);
        var old = BinaryPrimitives.ReadUInt32LittleEndian(bytes[14..]) == 12;
        long width = old ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]) : BinaryPrimitives.ReadInt32LittleEndian(bytes[18..]);
        // A negative height only says that the rows run from the top.
        var height = Math.Abs(old ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]) : (long)BinaryPrimitives.ReadInt32LittleEndian(bytes[22..]));
        long bitsAPixel = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(old ? 24 : 28)..]);
        var compression = old ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes[30..]);
        if (compression > 3) return PictureHeader.Damaged(Format, $"its compression {compression} is unknown");
        var header = new PictureHeader(Format, width, height);

        // Uncompressed (0, or 3 with masks): rows are padded to four bytes and their length is known.
        if (compression is not (0 or 3) || width is < 1 or > ushort.MaxValue || height is < 1 or > ushort.MaxValue) return header;
        var needed = pixelsAt + ((width * bitsAPixel + 31) / 32 * 4 * height);
        return needed <= bytes.Length ? header : PictureHeader.Truncated(Format, $"{needed} bytes are needed and {bytes.Length} are there");
    }
}
