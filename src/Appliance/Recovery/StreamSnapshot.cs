using System.Globalization;
using Appliance.Journal;

namespace Appliance.Recovery;

/// <summary>A file of which the first bytes are copied.</summary>
internal readonly record struct FilePrefix(string Path, long LengthBytes);

/// <summary>A stream of the journal as it stood at a moment: whole records only, each checked against the one before.</summary>
internal static class StreamSnapshot
{
    /// <param name="each">Sees every record.</param>
    /// <exception cref="BackupException">The stream is damaged: a backup would only carry it on.</exception>
    public static IReadOnlyList<FilePrefix> Take(string state, StreamKind kind, Action<RecordHead, ReadOnlyMemory<byte>> each)
    {
        var directory = SegmentFiles.Directory(state, kind);
        var numbers = SegmentFiles.List(directory);
        var prefixes = new List<FilePrefix>();
        using var chain = new RecordChain();
        foreach (var number in numbers)
        {
            using var reader = new SegmentReader(SegmentFiles.PathOf(directory, number));
            if (Add(reader, chain, isFirst: prefixes.Count == 0, each) is { } prefix) prefixes.Add(prefix);
            else if (number == numbers[^1]) break;
            else throw Damaged(reader);
        }
        return prefixes;
    }

    private static FilePrefix? Add(SegmentReader reader, RecordChain chain, bool isFirst, Action<RecordHead, ReadOnlyMemory<byte>> each)
    {
        // Length first: what a running service writes after this look is not looked at.
        var limit = reader.FileBytes;
        if (reader.Header is not { } header) return limit <= SegmentHeader.SizeBytes ? null : throw Damaged(reader);
        if (isFirst) chain.Restart(header.FirstIndex, header.PreviousHash);
        else if (header.FirstIndex != chain.NextIndex || !header.PreviousHash.AsSpan().SequenceEqual(chain.Hash)) throw Damaged(reader);
        SegmentStep step;
        while ((step = reader.Next(limit)) == SegmentStep.Record)
        {
            if (chain.Follow(reader.Head, reader.HeadBytes.Span, reader.Payload.Span) is not null) throw Damaged(reader);
            each(reader.Head, reader.Payload);
        }
        return step == SegmentStep.Broken ? throw Damaged(reader) : new FilePrefix(reader.Path, reader.Offset);
    }

    private static BackupException Damaged(SegmentReader reader) => new(string.Create(
        CultureInfo.InvariantCulture, $"Journal segment '{reader.Path}' is damaged at byte {reader.Offset}. Nothing was written. 'appliance verify' says what it means, 'appliance repair' mends it; then take the backup."));
}
