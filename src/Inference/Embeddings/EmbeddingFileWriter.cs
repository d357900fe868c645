using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Inference.Files;

namespace Inference.Embeddings;

/// <summary>
/// Appends embeddings in half precision to the file of one embedding identity. Row numbers are never given twice: a partial
/// row at the end is cut on opening, a whole row with a wrong checksum stays as a dead one. One owner, one thread.
/// </summary>
public sealed class EmbeddingFileWriter : IDisposable
{
    private readonly IFileSystem files;
    private readonly string path;
    private readonly int length;
    private readonly byte[] row;
    private readonly IWritableFile file;
    private bool broken;

    /// <summary>Opens the file, or makes it with its directory.</summary>
    /// <exception cref="EmbeddingFileException">The file is not one of this embedding.</exception>
    public EmbeddingFileWriter(IFileSystem files, string path, EmbeddingSpec spec)
    {
        this.files = files;
        this.path = path;
        length = spec.Length;
        row = new byte[EmbeddingFileFormat.StrideBytes(length)];
        file = Open(spec);
        try
        {
            Count = Recover(spec);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Rows in the file, the dead ones too; the number of the next row.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes of a partial row that were cut on opening.</summary>
    public long CutBytes { get; private set; }

    /// <summary>Appends one embedding; not durable before <see cref="Sync"/>.</summary>
    /// <param name="epoch">Epoch of the inspection.</param>
    /// <param name="sequence">Sequence of the inspection.</param>
    /// <param name="values">As many as the spec says; stored as half floats.</param>
    /// <returns>The row, from 0.</returns>
    /// <exception cref="IOException">It was not written.</exception>
    public long Append(uint epoch, ulong sequence, ReadOnlySpan<float> values)
    {
        if (values.Length != length) throw new ArgumentException($"An embedding has {length} values here, got {values.Length}.", nameof(values));
        if (broken) throw new IOException($"Embedding file '{path}' takes no rows: a write failed and could not be undone. Open it anew once the disk is well.");
        BinaryPrimitives.WriteUInt32LittleEndian(row.AsSpan(4), epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(row.AsSpan(8), sequence);
        TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<byte, Half>(row.AsSpan(EmbeddingFileFormat.RowHeadBytes)));
        BinaryPrimitives.WriteUInt32LittleEndian(row, Crc32C.Of(row.AsSpan(4)));
        try
        {
            file.Write(row);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Until the cut is done, the next row would not lie on its stride.
            broken = true;
            file.Truncate(EmbeddingFileFormat.HeaderBytes + Count * row.Length);
            broken = false;
            throw;
        }
        return Count++;
    }

    /// <summary>Makes all rows durable. After a failure the file is to be opened anew.</summary>
    public void Sync() => file.Sync();

    public void Dispose() => file.Dispose();

    private IWritableFile Open(EmbeddingSpec spec)
    {
        var directory = Path.GetDirectoryName(path)!;
        files.CreateDirectory(directory);
        if (!File.Exists(path) || new FileInfo(path).Length < EmbeddingFileFormat.HeaderBytes)
        {
            // Less than a header holds no row: a start that was cut off.
            Span<byte> header = stackalloc byte[EmbeddingFileFormat.HeaderBytes];
            EmbeddingFileFormat.WriteHeader(header, spec);
            WholeFile.Write(files, path, header);
        }
        return files.OpenAppend(path);
    }

    private long Recover(EmbeddingSpec spec)
    {
        Span<byte> header = stackalloc byte[EmbeddingFileFormat.HeaderBytes];
        using (var handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete)) RandomAccess.Read(handle, header, 0);
        EmbeddingFileFormat.CheckHeader(header, spec, path);
        var rows = (file.LengthBytes - EmbeddingFileFormat.HeaderBytes) / row.Length;
        var whole = EmbeddingFileFormat.HeaderBytes + rows * row.Length;
        CutBytes = file.LengthBytes - whole;
        if (CutBytes > 0) file.Truncate(whole);
        return rows;
    }
}
