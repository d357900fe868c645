using System.Buffers.Binary;

namespace Inference.Preparation.Formats;

/// <summary>JPEG (ITU-T T.81): markers 0xFF nn, most with a length; entropy-coded data after each start of scan; from SOI to EOI.</summary>
internal static class JpegHeader
{
    private const string Format = "JPEG";
    private const byte StartOfScan = 0xDA;
    private const byte EndOfImage = 0xD9;

    public static bool Matches(ReadOnlySpan<byte> bytes) => bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);

    public static PictureHeader Read(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes[2..];
        PictureHeader? frame = null;
        while (NextMarker(ref rest, out var marker))
        {
            if (marker == EndOfImage) return frame ?? PictureHeader.Damaged(Format, "it holds no frame");
            if (rest.Length < 2) break;
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest);
            if (length < 2) return PictureHeader.Damaged(Format, "a segment has no length");
            if (length > rest.Length) break;
            if (IsFrame(marker))
            {
                if (length < 8) return PictureHeader.Damaged(Format, "its frame header is too short");
                frame ??= new PictureHeader(Format, BinaryPrimitives.ReadUInt16BigEndian(rest[5..]), BinaryPrimitives.ReadUInt16BigEndian(rest[3..]));
            }

            if (marker == StartOfScan && frame is null) return PictureHeader.Damaged(Format, "pixels come before the frame header");
            rest = rest[length..];
        }

        return PictureHeader.Truncated(Format, "its end (EOI) is missing");
    }

    /// <summary>Skips to the next marker that is neither stuffing (FF 00), fill (FF FF), TEM nor a restart inside a scan.</summary>
    private static bool NextMarker(ref ReadOnlySpan<byte> rest, out byte marker)
    {
        marker = 0;
        while (true)
        {
            var at = rest.IndexOf((byte)0xFF);
            if (at < 0 || at + 1 >= rest.Length) return false;
            marker = rest[at + 1];
            rest = rest[(at + (marker == 0xFF ? 1 : 2))..];
            if (marker is not (0x00 or 0x01 or 0xFF or (>= 0xD0 and <= 0xD7))) return true;
        }
    }

    /// <summary>SOF0 to SOF15 without DHT, JPG and DAC, which lie between.</summary>
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
