using System.Buffers.Binary;
using Inference.Files;

namespace Appliance.Journal;

/// <summary>Finds records in the bytes of a damaged segment.</summary>
internal static class SegmentScan
{
    /// <summary>Whether a record lies there whole, by its checksums.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> bytes, int at, out RecordHead head) =>
        HasHead(bytes, at, out head) && head.RecordBytes <= bytes.Length - at
            && Crc32C.Of(bytes.Slice(at + RecordHead.SizeBytes, head.PayloadBytes)) == head.PayloadCrc;

    /// <summary>Whether a head lies there, by its checksum.</summary>
    public static bool HasHead(ReadOnlySpan<byte> bytes, int at, out RecordHead head)
    {
        head = default;
        if (bytes.Length - at < RecordHead.SizeBytes) return false;
        // Nearly everything that is no head fails here, before a checksum is computed.
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]) > RecordHead.MaxPayloadBytes) return false;
        return RecordHead.TryRead(bytes.Slice(at, RecordHead.SizeBytes), out head);
    }

    /// <summary>The first whole record from a place on with this index or a later one; -1 for none.</summary>
    public static int Next(ReadOnlySpan<byte> bytes, int from, ulong leastIndex)
    {
        for (var at = from; at <= bytes.Length - RecordHead.SizeBytes; at++)
        {
            if (IsWhole(bytes, at, out var head) && head.Index >= leastIndex) return at;
        }
        return -1;
    }

    /// <summary>The highest index in any head from a place on; null when there is no head.</summary>
    public static ulong? HighestIndex(ReadOnlySpan<byte> bytes, int from)
    {
        ulong? highest = null;
        for (var at = from; at <= bytes.Length - RecordHead.SizeBytes; at++)
        {
            if (HasHead(bytes, at, out var head) && head.Index >= (highest ?? 0)) highest = head.Index;
        }
        return highest;
    }
}
