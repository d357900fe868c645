using Inference.Files;

namespace Appliance.Journal;

/// <summary>
/// The segment that follows one whose sync has failed. It holds what was written there beyond the synced end, and is whole on disk under a name of its
/// own (<c>.seg.new</c>) before that is cut: whenever the process ends, one of the two has the records, and the next start finds which.
/// </summary>
internal sealed class SegmentSuccessor : IDisposable
{
    private const string Suffix = ".new";
    private readonly IFileSystem files;
    private readonly string directory;
    private readonly string path;

    private SegmentSuccessor(IFileSystem files, string directory, SegmentHeader header, IWritableFile file)
    {
        (this.files, this.directory, Header, File) = (files, directory, header, file);
        path = SegmentFiles.PathOf(directory, header.Number);
    }

    public SegmentHeader Header { get; }

    /// <summary>Open at its end; whoever goes on with it owns it.</summary>
    public IWritableFile File { get; }

    /// <summary>Checks what is synced of a segment, and writes what comes after it.</summary>
    /// <param name="number">Of the segment that failed.</param>
    /// <exception cref="IOException">The disk still fails.</exception>
    /// <exception cref="JournalException">The synced part is damaged.</exception>
    public static SegmentSuccessor Begin(IFileSystem files, string directory, uint number, long syncedBytes, DateTimeOffset now, ReadOnlySpan<byte> unsynced)
    {
        var path = SegmentFiles.PathOf(directory, number);
        using var reader = new SegmentReader(path);
        using var chain = new RecordChain();
        var header = reader.Header ?? throw new JournalException($"Journal segment '{path}' cannot be reopened: {reader.Problem}.");
        chain.Restart(header.FirstIndex, header.PreviousHash);
        while (reader.NextOffset < syncedBytes)
        {
            var problem = reader.Next(syncedBytes) != SegmentStep.Record ? reader.Problem : chain.Follow(reader.Head, reader.HeadBytes.Span, reader.Payload.Span);
            if (problem is not null) throw new JournalException($"Journal segment '{path}' is damaged at byte {reader.Offset}: {problem}.");
        }
        var next = header with { Number = number + 1, FirstIndex = chain.NextIndex, CreatedAt = now, PreviousHash = [.. chain.Hash] };
        return new(files, directory, next, SegmentFiles.Begin(files, SegmentFiles.PathOf(directory, next.Number) + Suffix, next, unsynced));
    }

    /// <summary>Takes its name, once what it holds is cut from the segment before. May be tried again.</summary>
    /// <exception cref="IOException">The disk still fails.</exception>
    public void TakePlace()
    {
        if (System.IO.File.Exists(path + Suffix)) files.Rename(path + Suffix, path);
        files.SyncDirectory(directory);
    }

    public void Dispose() => File.Dispose();

    /// <summary>Before recovery: a reopening that was cut short is finished where the successor has all that its predecessor has, and undone otherwise.</summary>
    public static void Settle(IFileSystem files, string directory)
    {
        if (!Directory.Exists(directory)) return;
        foreach (var left in Directory.GetFiles(directory, "*.seg" + Suffix))
        {
            var path = left[..^Suffix.Length];
            if (IsFree(path) && CutAt(directory, left) is { } cut)
            {
                Cut(files, cut.Path, cut.LengthBytes);
                files.Rename(left, path);
            }
            else
            {
                files.Delete(left);
            }
            files.SyncDirectory(directory);
        }
    }

    /// <summary>Cuts a segment, by a descriptor of its own.</summary>
    public static void Cut(IFileSystem files, string path, long lengthBytes)
    {
        using var file = files.OpenAppend(path);
        file.Truncate(lengthBytes);
        file.Sync();
    }

    // One that was begun and holds no record may be there from an attempt before.
    private static bool IsFree(string path) => !System.IO.File.Exists(path) || new FileInfo(path).Length <= SegmentHeader.SizeBytes;

    // Where the segment before ends and this one goes on; null where the one before has records that this one lacks, or they do not fit.
    private static (string Path, long LengthBytes)? CutAt(string directory, string left)
    {
        using var successor = new SegmentReader(left);
        if (successor.Header is not { Number: > 1 } header) return null;
        var before = SegmentFiles.PathOf(directory, header.Number - 1);
        if (!System.IO.File.Exists(before)) return null;
        using var reader = new SegmentReader(before);
        using var chain = new RecordChain();
        if (reader.Header is not { } old) return null;
        chain.Restart(old.FirstIndex, old.PreviousHash);
        long? at = null;
        do
        {
            if (chain.NextIndex == header.FirstIndex && chain.Hash.AsSpan().SequenceEqual(header.PreviousHash)) at = reader.NextOffset;
        }
        while (Follows(reader, chain));
        return at is { } lengthBytes && End(successor, header) >= chain.NextIndex ? (before, lengthBytes) : null;
    }

    private static ulong End(SegmentReader reader, SegmentHeader header)
    {
        using var chain = new RecordChain();
        chain.Restart(header.FirstIndex, header.PreviousHash);
        while (Follows(reader, chain))
        {
        }
        return chain.NextIndex;
    }

    private static bool Follows(SegmentReader reader, RecordChain chain) =>
        reader.Next(reader.FileBytes) == SegmentStep.Record && chain.Follow(reader.Head, reader.HeadBytes.Span, reader.Payload.Span) is null;
}
