using System.Buffers.Binary;
using Inference.Files;

namespace Appliance.Journal;

/// <summary>The 88 bytes before a payload, little-endian; layout in docs/formats.md. Head and payload have a checksum each, so that a torn end is told from damage.</summary>
/// <param name="Id">Verdicts: the inspection. Facts: the last verdict committed before this fact was written.</param>
internal readonly record struct RecordHead(
    int PayloadBytes, uint PayloadCrc, InspectionId Id, ulong Index, long TimeMicroseconds, RecordType Type)
{
    public const int SizeBytes = 88;

    /// <summary>Offset of the chain hash; what lies between the head's checksum and it is hashed.</summary>
    public const int HashOffset = 56;
    public const int HashBytes = 32;
    public const int MaxPayloadBytes = 16 << 20;

    public int RecordBytes => SizeBytes + PayloadBytes;

    public DateTimeOffset At => WallTime.FromMicroseconds(TimeMicroseconds);

    /// <summary>Writes all but the hash and the head's checksum.</summary>
    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], PayloadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], PayloadCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(to[12..], Id.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], Id.Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], Index);
        BinaryPrimitives.WriteInt64LittleEndian(to[32..], TimeMicroseconds);
        to[40..HashOffset].Clear();
        to[40] = (byte)Type;
    }

    /// <summary>Closes the head once the hash stands in it.</summary>
    public static void WriteChecksum(Span<byte> head) => BinaryPrimitives.WriteUInt32LittleEndian(head, Crc32C.Of(head[4..SizeBytes]));

    /// <summary>False when the checksum of the head is wrong.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, out RecordHead head)
    {
        head = default;
        if (BinaryPrimitives.ReadUInt32LittleEndian(from) != Crc32C.Of(from[4..SizeBytes])) return false;
        head = new RecordHead(
            BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[8..]),
            new InspectionId(BinaryPrimitives.ReadUInt32LittleEndian(from[12..]), BinaryPrimitives.ReadUInt64LittleEndian(from[16..])),
            BinaryPrimitives.ReadUInt64LittleEndian(from[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[32..]),
            (RecordType)from[40]);
        return head.PayloadBytes is >= 0 and <= MaxPayloadBytes;
    }
}
