using System.Buffers.Binary;
using System.Globalization;
using Inference.Files;

namespace Inference.Embeddings;

/// <summary>Layout of the embedding file, see docs/formats.md. All numbers little-endian.</summary>
internal static class EmbeddingFileFormat
{
    public const int HeaderBytes = 64;
    public const int RowHeadBytes = 16;
    public const ushort Version = 1;

    public static ReadOnlySpan<byte> Magic => "IAEMBED\n"u8;

    public static int StrideBytes(int length) => RowHeadBytes + 2 * length;

    public static void WriteHeader(Span<byte> header, EmbeddingSpec spec) => WriteHeader(header, Convert.FromHexString(spec.Identity), spec.Length);

    public static bool IsWhole(ReadOnlySpan<byte> header) => header[..8].SequenceEqual(Magic) && BinaryPrimitives.ReadUInt32LittleEndian(header[60..]) == Crc32C.Of(header[..60]);

    public static void WriteHeader(Span<byte> header, ReadOnlySpan<byte> identity, int length)
    {
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], length);
        identity.CopyTo(header[16..48]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[60..], Crc32C.Of(header[..60]));
    }

    /// <summary>Throws <see cref="EmbeddingFileException"/> when the header is not that of this embedding.</summary>
    public static void CheckHeader(ReadOnlySpan<byte> header, EmbeddingSpec spec, string path)
    {
        if (header.Length < HeaderBytes || !header[..8].SequenceEqual(Magic)) throw Refused(path, "it is not an embedding file");
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[60..]) != Crc32C.Of(header[..60])) throw Refused(path, "its header's checksum is wrong");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        if (version != Version)
            throw Refused(path, string.Create(CultureInfo.InvariantCulture, $"it has format version {version}, this program reads {Version}"));
        var identity = Convert.ToHexStringLower(header[16..48]);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        if (identity != spec.Identity || length != spec.Length)
            throw Refused(path, string.Create(CultureInfo.InvariantCulture,
                $"it holds embeddings {identity} of {length} values, not {spec.Identity} of {spec.Length}"));
    }

    private static EmbeddingFileException Refused(string path, string why) => new($"Embedding file '{path}' is refused: {why}.");
}

/// <summary>An embedding file cannot be used; the message says which and why.</summary>
public sealed class EmbeddingFileException : Exception
{
    public EmbeddingFileException(string message) : base(message)
    {
    }
}

/// <summary>Which inspection a row belongs to.</summary>
/// <param name="Epoch">Epoch of the station's journal.</param>
/// <param name="Sequence">Sequence of the verdict in it.</param>
public readonly record struct EmbeddingRowId(uint Epoch, ulong Sequence);
