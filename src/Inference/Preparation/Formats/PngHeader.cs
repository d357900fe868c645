using System.Buffers.Binary;
using System.IO.Hashing;

namespace Inference.Preparation.Formats;

/// <summary>PNG (ISO/IEC 15948): a signature, then chunks of length, type, data and CRC-32, from IHDR to IEND.</summary>
internal static class PngHeader
{
    private const string Format = "PNG";
    private const int ChunkOverheadBytes = 12;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool Matches(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Signature);

    public static PictureHeader Read(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes[Signature.Length..];
        if (rest.Length < ChunkOverheadBytes + 13) return PictureHeader.Truncated(Format, "its header is missing");
        if (!rest[4..8].SequenceEqual("IHDR"u8)) return PictureHeader.Damaged(Format, "it does not start with IHDR");
        long width = BinaryPrimitives.ReadUInt32BigEndian(rest[8..]);
        long height = BinaryPrimitives.ReadUInt32BigEndian(rest[12..]);

        while (rest.Length >= ChunkOverheadBytes)
        {
            long dataLength = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (dataLength > rest.Length - ChunkOverheadBytes) break;
            var body = rest.Slice(4, 4 + (int)dataLength);
            if (Crc32.HashToUInt32(body) != BinaryPrimitives.ReadUInt32BigEndian(rest[(4 + body.Length)..]))
                return PictureHeader.Damaged(Format, "the checksum of a chunk does not match");
            if (body[..4].SequenceEqual("IEND"u8)) return new PictureHeader(Format, width, height);
            rest = rest[(int)(dataLength + ChunkOverheadBytes)..];
        }

        return PictureHeader.Truncated(Format, "its end (IEND) is missing");
    }
}
