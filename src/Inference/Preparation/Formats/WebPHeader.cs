using System.Buffers.Binary;

namespace Inference.Preparation.Formats;

/// <summary>WebP (RFC 9649): a RIFF container whose first chunk is VP8 (lossy), VP8L (lossless) or VP8X (extended).</summary>
internal static class WebPHeader
{
    private const string Format = "WebP";

    public static bool Matches(ReadOnlySpan<byte> bytes) => bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..12].SequenceEqual("WEBP"u8);

    public static PictureHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 30) return PictureHeader.Truncated(Format, "its header is missing");
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) + 8L > bytes.Length) return PictureHeader.Truncated(Format, "it is shorter than it says");
        var data = bytes[20..];
        return bytes[12..16] switch
        {
            [(byte)'V', (byte)'P', (byte)'8', (byte)' '] => new(Format, U16(data[6..]) & 0x3FFF, U16(data[8..]) & 0x3FFF),
            [(byte)'V', (byte)'P', (byte)'8', (byte)'L'] => Lossless(BinaryPrimitives.ReadUInt32LittleEndian(data[1..])),
            [(byte)'V', (byte)'P', (byte)'8', (byte)'X'] => new(Format, U24(data[4..]) + 1, U24(data[7..]) + 1),
            _ => PictureHeader.Damaged(Format, "its first chunk is unknown"),
        };
    }

    private static PictureHeader Lossless(uint packed) => new(Format, (packed & 0x3FFF) + 1, ((packed >> 14) & 0x3FFF) + 1);

    private static int U16(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadUInt16LittleEndian(at);

    private static int U24(ReadOnlySpan<byte> at) => at[0] | (at[1] << 8) | (at[2] << 16);
}
