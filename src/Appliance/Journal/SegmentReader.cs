using Inference.Files;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Journal;

/// <summary>What lies at the reader's place in a segment.</summary>
internal enum SegmentStep
{
    Record,

    /// <summary>Nothing more up to the limit.</summary>
    End,

    /// <summary>The file ends inside a record, or in blocks that were never written: a write that a crash cut off.</summary>
    Torn,

    /// <summary>Whole, but not what was written.</summary>
    Broken,
}

/// <summary>Reads the records of one segment forward in large chunks and checks their checksums, not their chain. One thread; may follow a file that grows.</summary>
internal sealed class SegmentReader : IDisposable
{
    private const int ChunkBytes = 256 << 10;
    private readonly SafeFileHandle handle;
    private byte[] buffer = new byte[ChunkBytes];
    private long bufferStart;
    private int bufferLength;

    public SegmentReader(string path)
    {
        Path = path;
        handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        Header = Ensure(0, SegmentHeader.SizeBytes, long.MaxValue)
            ? SegmentHeader.Read(View(0, SegmentHeader.SizeBytes).Span, out var problem)
            : SegmentHeader.Read([], out problem);
        Problem = problem;
        NextOffset = SegmentHeader.SizeBytes;
    }

    public string Path { get; }

    /// <summary>Null when the file has no valid header; <see cref="Problem"/> says why.</summary>
    public SegmentHeader? Header { get; }

    /// <summary>What is wrong, in words, after <see cref="SegmentStep.Broken"/> and <see cref="SegmentStep.Torn"/>.</summary>
    public string Problem { get; private set; }

    public RecordHead Head { get; private set; }

    /// <summary>Valid until the next step.</summary>
    public ReadOnlyMemory<byte> HeadBytes { get; private set; }

    /// <summary>Valid until the next step.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    /// <summary>Where the record of the last step begins.</summary>
    public long Offset { get; private set; }

    /// <summary>Where the next step reads.</summary>
    public long NextOffset { get; private set; }

    public long FileBytes => RandomAccess.GetLength(handle);

    /// <summary>Reads the next record.</summary>
    /// <param name="limitBytes">Nothing beyond is looked at: the length known to be written, or the file's.</param>
    public SegmentStep Next(long limitBytes)
    {
        Offset = NextOffset;
        if (Offset >= limitBytes) return SegmentStep.End;
        if (!Ensure(Offset, RecordHead.SizeBytes, limitBytes)) return Torn("the file ends inside a record's head");
        if (!RecordHead.TryRead(View(Offset, RecordHead.SizeBytes).Span, out var head))
            return UnwrittenFrom(Offset + RecordHead.SizeBytes) ? Torn("a record's head was never written") : Broken("the checksum of a record's head is wrong");
        if (Offset + head.RecordBytes > limitBytes) return Torn("the file ends inside a record");
        if (!Ensure(Offset, head.RecordBytes, limitBytes)) return Torn("the file ends inside a record");
        var record = View(Offset, head.RecordBytes);
        if (Crc32C.Of(record.Span[RecordHead.SizeBytes..]) != head.PayloadCrc)
            return UnwrittenFrom(Offset + head.RecordBytes - 1) ? Torn("a record was not written to its end") : Broken($"the checksum of record {head.Index} is wrong");
        Head = head;
        HeadBytes = record[..RecordHead.SizeBytes];
        Payload = record[RecordHead.SizeBytes..];
        NextOffset = Offset + head.RecordBytes;
        return SegmentStep.Record;
    }

    /// <summary>Head of the first record that is not a repair's; null when there is none that is whole. The next step begins with the segment.</summary>
    public RecordHead? PeekFirst()
    {
        NextOffset = SegmentHeader.SizeBytes;
        var found = false;
        while (Header is not null && Next(FileBytes) == SegmentStep.Record && !(found = Head.Type != RecordType.Lost))
        {
        }
        NextOffset = SegmentHeader.SizeBytes;
        return found ? Head : null;
    }

    /// <summary>The next step reads there, where a record or damage begins.</summary>
    public void GoTo(long offset) => NextOffset = offset;

    public void Dispose() => handle.Dispose();

    private SegmentStep Torn(string problem)
    {
        Problem = problem;
        return SegmentStep.Torn;
    }

    private SegmentStep Broken(string problem)
    {
        Problem = problem;
        return SegmentStep.Broken;
    }

    private ReadOnlyMemory<byte> View(long offset, int count) => buffer.AsMemory((int)(offset - bufferStart), count);

    /// <summary>Zeros from here to the end of the file, at least one: blocks that were given to the file but not written. No whole record ends in a zero byte.</summary>
    private bool UnwrittenFrom(long offset)
    {
        var block = new byte[ChunkBytes];
        var at = offset;
        while (RandomAccess.Read(handle, block, at) is var read and > 0)
        {
            if (block.AsSpan(0, read).ContainsAnyExcept((byte)0)) return false;
            at += read;
        }
        return at > offset;
    }

    private bool Ensure(long offset, int count, long limitBytes)
    {
        if (offset >= bufferStart && offset + count <= bufferStart + bufferLength) return true;
        if (count > buffer.Length) buffer = new byte[count];
        bufferStart = offset;
        bufferLength = 0;
        var want = (int)Math.Min(buffer.Length, limitBytes - offset);
        while (bufferLength < want && RandomAccess.Read(handle, buffer.AsSpan(bufferLength, want - bufferLength), offset + bufferLength) is var read and > 0)
            bufferLength += read;
        return bufferLength >= count;
    }
}
