using Inference.Files;

namespace Appliance.Journal;

/// <summary>Where a record lies.</summary>
/// <param name="Life">How often the stream had been reopened: what was not synced in an earlier life may be gone.</param>
internal readonly record struct RecordPlace(uint Segment, long Offset, int PayloadBytes, int Life);

/// <summary>How far a stream is written: readers look no further.</summary>
internal readonly record struct StreamTail(uint Segment, long LengthBytes);

/// <summary>
/// The writing end of one stream. <see cref="Append"/> and <see cref="Sync"/> may be called by several threads; a sync does not hold up
/// appends. After a failed sync nothing is written any more until <see cref="Reopen"/>.
/// </summary>
internal sealed class JournalStream(IFileSystem files, string directory, StreamKind kind, string station, JournalOptions options, TimeProvider time) : IDisposable
{
    // Order: append, then sync. Sync() takes them one after the other, never both.
    private readonly Lock append = new();
    private readonly Lock sync = new();
    private readonly RecordChain chain = new();
    private byte[] record = new byte[4096];
    private IWritableFile? file;
    private uint segment;
    private long lengthBytes;
    private long syncedBytes;
    private int life;
    private DateTimeOffset createdAt;
    // Whole records that a reopening still has to write again.
    private Queue<byte[]> carried = new();
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
    public RecordPlace Append(RecordType type, InspectionId id, ReadOnlySpan<byte> payload)
    {
        lock (append)
        {
            if (failure is { } e) throw new JournalException(e.Message, e);
            if (payload.Length > RecordHead.MaxPayloadBytes) throw new JournalException($"A record of {payload.Length} bytes is too long; at most {RecordHead.MaxPayloadBytes}.");
            var now = time.GetUtcNow();
            if (MustRoll(now)) Roll(now);
            var bytes = Encode(new(payload.Length, Crc32C.Of(payload), id, chain.NextIndex, WallTime.ToMicroseconds(now), type), payload);
            Write(bytes);
            chain.Accept(bytes);
            var place = new RecordPlace(segment, lengthBytes, payload.Length, life);
            lengthBytes += bytes.Length;
            return place;
        }
    }

    /// <summary>Makes everything appended so far durable, and returns in which life: records of an earlier one are not among it.</summary>
    /// <exception cref="JournalException">It is not; the stream has failed.</exception>
    public int Sync()
    {
        IWritableFile? toSync;
        long upTo;
        lock (append)
        {
            if (failure is null && syncedBytes == lengthBytes) return life;
            toSync = file;
            upTo = lengthBytes;
        }
        lock (sync)
        {
            if (failure is { } e) throw new JournalException(e.Message, e);
            // Another segment by now: rolling has synced this one.
            if (toSync is null || !ReferenceEquals(toSync, file)) return life;
            SyncOrFail(toSync);
        }
        lock (append)
        {
            if (ReferenceEquals(toSync, file)) syncedBytes = Math.Max(syncedBytes, upTo);
            return life;
        }
    }

    /// <summary>
    /// After a failure: cuts the segment back to what is known to be durable and goes on in a new one.
    /// With <paramref name="keepUnsynced"/>, whole records beyond that are written again, byte for byte, into the new one.
    /// </summary>
    /// <exception cref="JournalException">The disk still fails; may be tried again.</exception>
    public void Reopen(bool keepUnsynced)
    {
        lock (append)
        {
            lock (sync)
            {
                if (failure is null) return;
                try
                {
                    BeginAnew(keepUnsynced);
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
                file = null;
                failure ??= new JournalException("The journal is closed.");
            }
        }
        chain.Dispose();
    }

    private void BeginAnew(bool keepUnsynced)
    {
        file?.Dispose();
        file = null;
        life++;
        if (segment == 0)
        {
            failure = null;
            return;
        }
        var repair = new SegmentRepair(files, SegmentFiles.PathOf(directory, segment), syncedBytes);
        var beyond = repair.ReadBeyond(chain);
        if (keepUnsynced) Carry(beyond);
        repair.Cut();
        lengthBytes = syncedBytes;
        Create(time.GetUtcNow());
        // Only then: a new record must not come before those that are carried over.
        Rewrite();
        failure = null;
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
            try
            {
                file!.Truncate(lengthBytes);
            }
            catch (Exception again) when (again is IOException or UnauthorizedAccessException)
            {
                failure = new JournalException($"Journal '{directory}' is closed: a write failed and could not be undone ({again.Message}).", again);
            }
            throw new JournalException($"Journal '{directory}' could not take a record: {e.Message} Free space or repair the disk.", e);
        }
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
            if (failure is { } e) throw new JournalException(e.Message, e);
            // Only the last segment may end in a torn write, so this one is made whole first.
            if (file is not null && syncedBytes < lengthBytes)
            {
                SyncOrFail(file);
                syncedBytes = lengthBytes;
            }
            Create(now);
        }
    }

    private void Create(DateTimeOffset now)
    {
        var path = SegmentFiles.PathOf(directory, segment + 1);
        Span<byte> header = stackalloc byte[SegmentHeader.SizeBytes];
        new SegmentHeader(kind, station, segment + 1, chain.NextIndex, now, chain.Hash).Write(header);
        IWritableFile? next = null;
        try
        {
            // One that is there was begun by a failed attempt and holds no record.
            files.Delete(path);
            next = files.CreateNew(path);
            next.Write(header);
            next.Sync();
            files.SyncDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            next?.Dispose();
            throw new JournalException($"Journal '{directory}' could not begin segment {segment + 1}: {e.Message} Free space or repair the disk.", e);
        }
        file?.Dispose();
        (file, segment, createdAt) = (next, segment + 1, now);
        lengthBytes = syncedBytes = SegmentHeader.SizeBytes;
    }

    // A reopening that failed half-way has left some of the same records.
    private void Carry(IReadOnlyList<byte[]> beyond)
    {
        var next = chain.NextIndex + (ulong)beyond.Count;
        carried = new([.. beyond, .. carried.Where(bytes => RecordHead.TryRead(bytes, out var head) && head.Index >= next)]);
    }

    private void Rewrite()
    {
        while (carried.TryPeek(out var bytes))
        {
            Write(bytes);
            chain.Accept(bytes);
            lengthBytes += bytes.Length;
            carried.Dequeue();
        }
        SyncOrFail(file!);
        syncedBytes = lengthBytes;
    }
}
