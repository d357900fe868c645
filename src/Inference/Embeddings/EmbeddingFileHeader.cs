using System.Buffers.Binary;
using Inference.Files;

namespace Inference.Embeddings;

/// <summary>The header of an embedding file says nothing that its name and its rows do not say.</summary>
public static class EmbeddingFileHeader
{
    // More values than any backbone gives; all of them are tried in a tenth of a second.
    private const int MaxLength = 16_384;
    private const int RowsLookedAt = 3;

    /// <summary>The header that a file with a damaged one had; null where none of its first rows is whole, or the header is whole and another file's.</summary>
    /// <param name="path">Its name is the embedding identity.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[]? Mend(string path)
    {
        var identity = Path.GetFileNameWithoutExtension(path);
        if (identity.Length != 64 || !identity.All(char.IsAsciiHexDigitLower)) return null;
        var bytes = new byte[EmbeddingFileFormat.HeaderBytes + (RowsLookedAt * EmbeddingFileFormat.StrideBytes(MaxLength))];
        using (var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete)) bytes = bytes[..Math.Max(0, RandomAccess.Read(file, bytes, 0))];
        if (bytes.Length < EmbeddingFileFormat.HeaderBytes || EmbeddingFileFormat.IsWhole(bytes)) return null;
        for (var length = 1; length <= MaxLength; length++)
        {
            if (!HasRow(bytes, length)) continue;
            var header = new byte[EmbeddingFileFormat.HeaderBytes];
            EmbeddingFileFormat.WriteHeader(header, Convert.FromHexString(identity), length);
            return header;
        }
        return null;
    }

    private static bool HasRow(byte[] bytes, int length)
    {
        var stride = EmbeddingFileFormat.StrideBytes(length);
        for (var (row, at) = (0, EmbeddingFileFormat.HeaderBytes); row < RowsLookedAt && at + stride <= bytes.Length; row++, at += stride)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)) == Crc32C.Of(bytes.AsSpan(at + 4, stride - 4))) return true;
        }
        return false;
    }
}
