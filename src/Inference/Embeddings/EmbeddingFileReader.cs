using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Inference.Files;
using Microsoft.Win32.SafeHandles;

namespace Inference.Embeddings;

/// <summary>Reads kept embeddings by row, also while the writer appends. One thread.</summary>
public sealed class EmbeddingFileReader : IDisposable
{
    private readonly string path;
    private readonly SafeFileHandle handle;
    private readonly int length;
    private readonly byte[] row;

    /// <summary>Opens for reading only.</summary>
    /// <exception cref="EmbeddingFileException">The file is not one of this embedding.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public EmbeddingFileReader(string path, EmbeddingSpec spec)
    {
        this.path = path;
        length = spec.Length;
        row = new byte[EmbeddingFileFormat.StrideBytes(length)];
        handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        try
        {
            Span<byte> header = stackalloc byte[EmbeddingFileFormat.HeaderBytes];
            var read = RandomAccess.Read(handle, header, 0);
            EmbeddingFileFormat.CheckHeader(header[..read], spec, path);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Whole rows in the file now.</summary>
    public long Count => (RandomAccess.GetLength(handle) - EmbeddingFileFormat.HeaderBytes) / row.Length;

    /// <summary>Reads a row.</summary>
    /// <param name="index">Row, from 0.</param>
    /// <param name="values">Takes exactly one embedding.</param>
    /// <returns>The inspection that it belongs to.</returns>
    /// <exception cref="EmbeddingFileException">The row is not there, or its checksum is wrong.</exception>
    public EmbeddingRowId Read(long index, Span<float> values) =>
        TryRead(index, values, out var id) ? id : throw new EmbeddingFileException($"Row {index} of embedding file '{path}' is missing or damaged.");

    /// <summary>As <see cref="Read"/>; false for a row that is not there or is damaged.</summary>
    public bool TryRead(long index, Span<float> values, out EmbeddingRowId id)
    {
        id = default;
        if (values.Length != length) throw new ArgumentException($"An embedding has {length} values here, got room for {values.Length}.", nameof(values));
        if (index < 0 || RandomAccess.Read(handle, row, EmbeddingFileFormat.HeaderBytes + index * row.Length) < row.Length) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(row) != Crc32C.Of(row.AsSpan(4))) return false;
        id = new(BinaryPrimitives.ReadUInt32LittleEndian(row.AsSpan(4)), BinaryPrimitives.ReadUInt64LittleEndian(row.AsSpan(8)));
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(row.AsSpan(EmbeddingFileFormat.RowHeadBytes)), values);
        return true;
    }

    public void Dispose() => handle.Dispose();
}
