using System.Buffers.Binary;
using Inference.Files;
using Microsoft.Win32.SafeHandles;

namespace Inference.Embeddings;

/// <summary>Looks at an embedding file without knowing its embedding. One thread.</summary>
public sealed class EmbeddingFileInspection : IDisposable
{
    private readonly SafeFileHandle handle;
    private readonly byte[] row = [];

    /// <summary>Opens for reading only.</summary>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    public EmbeddingFileInspection(string path)
    {
        handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        Span<byte> header = stackalloc byte[EmbeddingFileFormat.HeaderBytes];
        if (RandomAccess.Read(handle, header, 0) < header.Length) Problem = "its header is incomplete";
        else if (!header[..8].SequenceEqual(EmbeddingFileFormat.Magic)) Problem = "it does not begin like an embedding file";
        else if (BinaryPrimitives.ReadUInt32LittleEndian(header[60..]) != Crc32C.Of(header[..60])) Problem = "the checksum of its header is wrong";
        else if (Convert.ToHexStringLower(header[16..48]) != Path.GetFileNameWithoutExtension(path)) Problem = "it holds the embeddings of another identity";
        else row = new byte[EmbeddingFileFormat.StrideBytes(BinaryPrimitives.ReadInt32LittleEndian(header[12..]))];
    }

    /// <summary>Why its rows cannot be found; null when they can.</summary>
    public string? Problem { get; }

    /// <summary>Whole rows in a file; 0 when it is missing or is no embedding file.</summary>
    public static long CountRows(string path)
    {
        if (!File.Exists(path)) return 0;
        using var file = new EmbeddingFileInspection(path);
        return file.row.Length == 0 ? 0 : (RandomAccess.GetLength(file.handle) - EmbeddingFileFormat.HeaderBytes) / file.row.Length;
    }

    /// <summary>Where a row begins.</summary>
    public long OffsetOf(long index) => EmbeddingFileFormat.HeaderBytes + index * row.Length;

    /// <summary>Whether a row is there whole and belongs to this inspection.</summary>
    public bool IsSound(long index, EmbeddingRowId id) =>
        row.Length > 0 && RandomAccess.Read(handle, row, OffsetOf(index)) == row.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(row) == Crc32C.Of(row.AsSpan(4))
            && id == new EmbeddingRowId(BinaryPrimitives.ReadUInt32LittleEndian(row.AsSpan(4)), BinaryPrimitives.ReadUInt64LittleEndian(row.AsSpan(8)));

    public void Dispose() => handle.Dispose();
}
