using System.Buffers.Binary;

namespace Inference.Packages;

/// <summary>The fields of one Protocol Buffers message, read where they lie. Throws <see cref="FormatException"/> on anything damaged.</summary>
internal ref struct WireFields(ReadOnlySpan<byte> message)
{
    private const int Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5;

    // The format's own limit. Google's parser drops the bits above it, so that a larger number would be another field to it than to us.
    private const int MaxFieldNumber = (1 << 29) - 1;
    private ReadOnlySpan<byte> rest = message;

    public WireField Current { get; private set; }

    public readonly WireFields GetEnumerator() => this;

    public bool MoveNext()
    {
        if (rest.IsEmpty) return false;
        var key = ReadVarint();
        var number = key >> 3;
        if (number is 0 or > MaxFieldNumber) throw new FormatException($"field number {number}.");
        Current = (int)(key & 7) switch
        {
            Varint => new((int)number, ReadVarint(), default),
            Fixed64 => new((int)number, BinaryPrimitives.ReadUInt64LittleEndian(Take(8)), default),
            Fixed32 => new((int)number, BinaryPrimitives.ReadUInt32LittleEndian(Take(4)), default),
            Delimited => new((int)number, 0, Take(ReadVarint())),
            var other => throw new FormatException($"wire type {other}."),
        };
        return true;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Take(1)[0];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }

        throw new FormatException("a number that does not end.");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)rest.Length) throw new FormatException("it ends in the middle of a field.");
        var taken = rest[..(int)count];
        rest = rest[(int)count..];
        return taken;
    }
}

/// <param name="value">Of a number.</param>
/// <param name="bytes">Of text, bytes or a message.</param>
internal readonly ref struct WireField(int number, ulong value, ReadOnlySpan<byte> bytes)
{
    public int Number { get; } = number;

    public ulong Value { get; } = value;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;
}
