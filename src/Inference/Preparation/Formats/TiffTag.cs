using System.Buffers.Binary;

namespace Inference.Preparation.Formats;

/// <summary>One entry of a TIFF directory. Its values stand in the entry when they fit into four bytes, else where it points.</summary>
/// <param name="ValueBytes">2 for SHORT, 4 for LONG, 0 for a type that no size or place has.</param>
internal readonly record struct TiffTag(ushort Id, int ValueBytes, long Count, uint InPlace, bool Little)
{
    private const ushort ShortType = 3;
    private const ushort LongType = 4;

    public static TiffTag Read(ReadOnlySpan<byte> entry, bool little)
    {
        var valueBytes = U16(entry[2..], little) switch { ShortType => 2, LongType => 4, _ => 0 };
        return new TiffTag(U16(entry, little), valueBytes, U32(entry[4..], little), BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]), little);
    }

    /// <summary>False when there is no such value, or it lies outside the file.</summary>
    public bool TryValue(ReadOnlySpan<byte> file, long index, out long value)
    {
        value = 0;
        if (ValueBytes == 0 || index >= Count) return false;
        Span<byte> inPlace = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(inPlace, InPlace);
        var outside = Count * ValueBytes > inPlace.Length;
        var at = (outside ? U32(inPlace, Little) : 0) + (index * ValueBytes);
        if (outside && at + ValueBytes > file.Length) return false;
        var bytes = outside ? file[(int)at..] : inPlace[(int)at..];
        value = ValueBytes == 2 ? U16(bytes, Little) : U32(bytes, Little);
        return true;
    }

    public static ushort U16(ReadOnlySpan<byte> at, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);

    public static long U32(ReadOnlySpan<byte> at, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);
}
