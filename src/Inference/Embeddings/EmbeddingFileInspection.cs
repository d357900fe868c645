using System.Buffers.Binary;
using Inference.Files;

namespace Inference.Embeddings;

/// <summary>Looks at an embedding file without knowing its embedding.</summary>
public static class EmbeddingFileInspection
{
    /// <summary>Whole rows in the file; 0 when it is missing or is no embedding file.</summary>
    public static long CountRows(string path)
    {
        if (!File.Exists(path)) return 0;
        using var handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        Span<byte> header = stackalloc byte[EmbeddingFileFormat.HeaderBytes];
        if (RandomAccess.Read(handle, header, 0) < header.Length || !header[..8].SequenceEqual(EmbeddingFileFormat.Magic)) return 0;
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[60..]) != Crc32C.Of(header[..60])) return 0;
        var stride = EmbeddingFileFormat.StrideBytes(BinaryPrimitives.ReadInt32LittleEndian(header[12..]));
        return (RandomAccess.GetLength(handle) - EmbeddingFileFormat.HeaderBytes) / stride;
    }
}
