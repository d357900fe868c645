using System.Buffers.Binary;
using System.Text;
using Inference.Files;

namespace Appliance.Journal;

/// <summary>The first 128 bytes of a segment file, little-endian; layout in docs/formats.md.</summary>
internal sealed record SegmentHeader(StreamKind Stream, string Station, uint Number, ulong FirstIndex, DateTimeOffset CreatedAt, byte[] PreviousHash)
{
    public const int SizeBytes = 128;
    public const int StationBytes = 56;
    public const ushort Version = 1;

    private static ReadOnlySpan<byte> Magic => "IAJOURN\n"u8;

    public void Write(Span<byte> to)
    {
        to[..SizeBytes].Clear();
        Magic.CopyTo(to);
        BinaryPrimitives.WriteUInt16LittleEndian(to[8..], Version);
        to[10] = (byte)Stream;
        BinaryPrimitives.WriteUInt32LittleEndian(to[12..], Number);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], FirstIndex);
        BinaryPrimitives.WriteInt64LittleEndian(to[24..], WallTime.ToMicroseconds(CreatedAt));
        PreviousHash.CopyTo(to[32..]);
        Encoding.UTF8.GetBytes(Station, to.Slice(64, StationBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(to[124..], Crc32C.Of(to[..124]));
    }

    /// <summary>Null, with the problem in words, for bytes that are no header of this version.</summary>
    public static SegmentHeader? Read(ReadOnlySpan<byte> from, out string problem) => Read(from, out problem, out _);

    /// <summary>As above.</summary>
    /// <param name="version">That of a header that is whole, whether or not it is this one; 0 without one.</param>
    public static SegmentHeader? Read(ReadOnlySpan<byte> from, out string problem, out ushort version)
    {
        (problem, version) = ("", 0);
        if (from.Length < SizeBytes) problem = "its header is incomplete";
        else if (!from[..8].SequenceEqual(Magic)) problem = "it does not begin like a journal segment";
        else if (BinaryPrimitives.ReadUInt32LittleEndian(from[124..]) != Crc32C.Of(from[..124])) problem = "the checksum of its header is wrong";
        else if ((version = BinaryPrimitives.ReadUInt16LittleEndian(from[8..])) != Version) problem = $"it is of version {version}, and this appliance knows {Version}";
        if (problem.Length > 0) return null;
        return new SegmentHeader(
            (StreamKind)from[10],
            Encoding.UTF8.GetString(from.Slice(64, StationBytes)).TrimEnd('\0'),
            BinaryPrimitives.ReadUInt32LittleEndian(from[12..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[16..]),
            WallTime.FromMicroseconds(BinaryPrimitives.ReadInt64LittleEndian(from[24..])),
            from.Slice(32, 32).ToArray());
    }
}
