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
    private byte[] many = [];

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
        TryRead(index, values, out var id) ? id : throw new EmbeddingFileException($"Row {index} of embedding file '{path}' is missing or damaged; with the service stopped, 'appliance repair' computes it anew, or goes on without it.");

    /// <summary>As <see cref="Read"/>; false for a row that is not there or is damaged.</summary>
    public bool TryRead(long index, Span<float> values, out EmbeddingRowId id)
    {
        id = default;
        if (values.Length != length) throw new ArgumentException($"An embedding has {length} values here, got room for {values.Length}.", nameof(values));
        if (index < 0 || RandomAccess.Read(handle, row, EmbeddingFileFormat.HeaderBytes + index * row.Length) < row.Length) return false;
        return Decode(row, values, out id);
    }

    /// <summary>Reads rows that follow one another, in one call of the system.</summary>
    /// <param name="first">Row, from 0.</param>
    /// <param name="values">[N,D] for as many rows as <paramref name="ids"/> has places.</param>
    /// <param name="ids">Takes the inspection of each row; the default where a row is damaged, and then its values are zero.</param>
    /// <returns>Rows read; fewer than asked for at the end of the file.</returns>
    public int ReadMany(long first, Span<float> values, Span<EmbeddingRowId> ids)
    {
        if (values.Length != ids.Length * length) throw new ArgumentException($"{ids.Length} embeddings have {ids.Length * length} values here, got room for {values.Length}.", nameof(values));
        if (many.Length < ids.Length * row.Length) many = new byte[ids.Length * row.Length];
        var read = RandomAccess.Read(handle, many.AsSpan(0, ids.Length * row.Length), EmbeddingFileFormat.HeaderBytes + first * row.Length) / row.Length;
        for (var i = 0; i < read; i++)
        {
            if (!Decode(many.AsSpan(i * row.Length, row.Length), values.Slice(i * length, length), out ids[i])) values.Slice(i * length, length).Clear();
        }

        return read;
    }

    public void Dispose() => handle.Dispose();

    private static bool Decode(ReadOnlySpan<byte> bytes, Span<float> values, out EmbeddingRowId id)
    {
        id = default;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Crc32C.Of(bytes[4..])) return false;
        id = new(BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes[EmbeddingFileFormat.RowHeadBytes..]), values);
        return true;
    }
}
