using System.Buffers.Binary;

namespace Inference.Preparation.Formats;

/// <summary>TIFF 6.0: byte order, 42, then a directory of tags with 12 bytes each. The first directory is the picture that OpenCV decodes.</summary>
internal static class TiffHeader
{
    private const string Format = "TIFF";
    private const ushort WidthTag = 256;
    private const ushort HeightTag = 257;
    private const ushort ShortType = 3;

    public static bool Matches(ReadOnlySpan<byte> bytes) => bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8);

    public static PictureHeader Read(ReadOnlySpan<byte> bytes)
    {
        var little = bytes[0] == 'I';
        if (bytes.Length < 8) return PictureHeader.Truncated(Format, "its header is missing");
        var directory = U32(bytes[4..], little);
        if (directory < 8 || directory + 2 > bytes.Length) return PictureHeader.Truncated(Format, "its directory is missing");
        var rest = bytes[(int)directory..];
        var count = U16(rest, little);
        if (2 + (count * 12) > rest.Length) return PictureHeader.Truncated(Format, "its directory is incomplete");

        long width = 0, height = 0;
        for (var i = 0; i < count; i++)
        {
            var entry = rest.Slice(2 + (i * 12), 12);
            var value = U16(entry[2..], little) == ShortType ? U16(entry[8..], little) : U32(entry[8..], little);
            if (U16(entry, little) == WidthTag) width = value;
            if (U16(entry, little) == HeightTag) height = value;
        }

        return new PictureHeader(Format, width, height);
    }

    private static ushort U16(ReadOnlySpan<byte> at, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);

    private static long U32(ReadOnlySpan<byte> at, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);
}
