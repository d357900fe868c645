using Inference.Files;

namespace Appliance.Journal;

/// <summary>How far a stream is written: readers look no further.</summary>
internal readonly record struct StreamTail(uint Segment, long LengthBytes);

/// <summary>
/// The writing end of one stream. <see cref="Append"/> and <see cref="Sync"/> may be called by several threads; a sync does not hold up
/// appends. After a failed sync nothing is written any more until <see cref="Reopen"/>, which loses none of what was.
/// </summary>
internal sealed class JournalStream(IFileSystem files, string directory, StreamKind kind, string station, JournalOptions options, TimeProvider time) : IDisposable
{
    // More than the largest records that are usual.
    private static readonly byte[] Room = new byte[64 << 10];

    // Order: append, then sync. Sync() takes them one after the other, never both.
    private readonly Lock append = new();
    private readonly Lock sync = new();
    private readonly RecordChain chain = new();
    private readonly UnsyncedRecords unsynced = new();
    private byte[] record = new byte[4096];
    private IWritableFile? file;
    private uint segment;
    private long lengthBytes;
    private long syncedBytes;
    private DateTimeOffset createdAt;
    // Of a reopening that is not through.
    private SegmentSuccessor? successor;
    private volatile JournalException? failure;

    public string DirectoryPath => directory;

    /// <summary>Why nothing can be written; null while all is well.</summary>
    public JournalException? Failure => failure;

    public StreamTail Tail
    {
        get
        {
            lock (append) return new(segment, lengthBytes);
        }
    }

    /// <summary>Goes on after the end that recovery found.</summary>
    public void Continue(StreamEnd end)
    {
        lock (append)
        {
            chain.Restart(end.NextIndex, end.Hash);
            segment = end.Number;
            lengthBytes = end.LengthBytes;
            createdAt = end.CreatedAt;
            if (segment == 0) return;
            file = files.OpenAppend(SegmentFiles.PathOf(directory, segment));
            // What a killed process wrote may still be unsynced.
            file.Sync();
            syncedBytes = lengthBytes;
        }
    }

    /// <summary>Writes one record; durable only after <see cref="Sync"/>.</summary>
    /// <exception cref="JournalException">It was not written, and no part of it stays.</exception>
    public void Append(RecordType type, InspectionId id, ReadOnlySpan<byte> payload)
    {
        lock (append)
        {
            ThrowIfFailed();
            if (payload.Length > RecordHead.MaxPayloadBytes) throw new JournalException($"A record of {payload.Length} bytes is too long; at most {RecordHead.MaxPayloadBytes}.");
            var now = time.GetUtcNow();
            if (MustRoll(now)) Roll(now);
            var bytes = Encode(new(payload.Length, Crc32C.Of(payload), id, chain.NextIndex, WallTime.ToMicroseconds(now), type), payload);
            Write(bytes);
            chain.Accept(bytes);
            unsynced.Add(bytes);
            lengthBytes += bytes.Length;
        }
    }

    /// <summary>Finds out whether records are taken: writes room for some and gives it back. What a killed process leaves of it is a torn end.</summary>
    /// <exception cref="JournalException">They are not.</exception>
    public void Probe()
    {
        lock (append)
        {
            ThrowIfFailed();
            var now = time.GetUtcNow();
            if (MustRoll(now)) Roll(now);
            Write(Room);
            Undo();
            ThrowIfFailed();
        }
    }

    /// <summary>Makes everything appended so far durable.</summary>
    /// <exception cref="JournalException">That is not known; the stream has failed, and its reopening makes it so.</exception>
    public void Sync()
    {
        IWritableFile? toSync;
        long upTo;
        lock (append)
        {
            if (failure is null && syncedBytes == lengthBytes) return;
            toSync = file;
            upTo = lengthBytes;
        }
        lock (sync)
        {
            ThrowIfFailed();
            // Another segment by now: rolling, or the reopening, has synced this one.
            if (toSync is null || !ReferenceEquals(toSync, file)) return;
            SyncOrFail(toSync);
        }
        lock (append)
        {
            if (ReferenceEquals(toSync, file)) Synced(upTo);
        }
    }

    /// <summary>
    /// After a failure: writes what is not known to be durable into a new segment, byte for byte, makes it so, cuts it from the old one, and goes on.
    /// </summary>
    /// <exception cref="JournalException">The disk still fails; may be tried again.</exception>
    public void Reopen()
    {
        lock (append)
        {
            lock (sync)
            {
                if (failure is null) return;
                try
                {
                    BeginAnew();
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw new JournalException($"Journal '{directory}' cannot be reopened: {e.Message}", e);
                }
            }
        }
    }

    public void Dispose()
    {
        lock (append)
        {
            lock (sync)
            {
                file?.Dispose();
                successor?.Dispose();
                file = null;
                failure ??= new JournalException("The journal is closed.");
            }
        }
        chain.Dispose();
    }

    private void BeginAnew()
    {
        file?.Dispose();
        file = null;
        successor ??= SegmentSuccessor.Begin(files, directory, segment, syncedBytes, time.GetUtcNow(), unsynced.Bytes);
        SegmentSuccessor.Cut(files, SegmentFiles.PathOf(directory, segment), syncedBytes);
        lengthBytes = syncedBytes;
        successor.TakePlace();
        (file, segment, createdAt) = (successor.File, successor.Header.Number, successor.Header.CreatedAt);
        lengthBytes = syncedBytes = SegmentHeader.SizeBytes + unsynced.Bytes.Length;
        unsynced.Synced(unsynced.Bytes.Length);
        successor = null;
        failure = null;
    }

    private void ThrowIfFailed()
    {
        if (failure is { } e) throw new JournalException(e.Message, e);
    }

    private Span<byte> Encode(RecordHead head, ReadOnlySpan<byte> payload)
    {
        if (record.Length < head.RecordBytes) record = new byte[head.RecordBytes];
        var bytes = record.AsSpan(0, head.RecordBytes);
        head.Write(bytes);
        payload.CopyTo(bytes[RecordHead.SizeBytes..]);
        chain.Seal(bytes, payload);
        return bytes;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            file!.Write(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Undo();
            throw new JournalException($"Journal '{directory}' could not take a record: {e.Message} Free space or repair the disk.", e);
        }
    }

    private void Undo()
    {
        try
        {
            file!.Truncate(lengthBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failure = new JournalException($"Journal '{directory}' is closed: a write could not be undone ({e.Message}).", e);
        }
    }

    private void Synced(long upTo)
    {
        if (upTo <= syncedBytes) return;
        unsynced.Synced((int)(upTo - syncedBytes));
        syncedBytes = upTo;
    }

    private void SyncOrFail(IWritableFile target)
    {
        try
        {
            target.Sync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failure = new JournalException($"Journal '{directory}' is closed: its last writes could not be made durable ({e.Message}).", e);
            throw failure;
        }
    }

    private bool MustRoll(DateTimeOffset now) =>
        segment == 0 || lengthBytes >= options.SegmentBytes || (kind == StreamKind.Verdicts && now - createdAt >= options.VerdictSegmentAge);

    private void Roll(DateTimeOffset now)
    {
        lock (sync)
        {
            ThrowIfFailed();
            // Only the last segment may end in a torn write, so this one is made whole first.
            if (file is not null && syncedBytes < lengthBytes)
            {
                SyncOrFail(file);
                Synced(lengthBytes);
            }
            Create(now);
        }
    }

    private void Create(DateTimeOffset now)
    {
        IWritableFile next;
        try
        {
            next = SegmentFiles.Begin(files, SegmentFiles.PathOf(directory, segment + 1), new(kind, station, segment + 1, chain.NextIndex, now, chain.Hash));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalException($"Journal '{directory}' could not begin segment {segment + 1}: {e.Message} Free space or repair the disk.", e);
        }
        file?.Dispose();
        (file, segment, createdAt) = (next, segment + 1, now);
        lengthBytes = syncedBytes = SegmentHeader.SizeBytes;
    }
}
