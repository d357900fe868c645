using System.Globalization;
using Inference.Files;
using Microsoft.Extensions.Logging;

namespace Appliance.Journal;

/// <summary>Where a stream ends after recovery.</summary>
/// <param name="Number">The last segment; 0 for an empty stream.</param>
/// <param name="LengthBytes">Its length, all of it valid.</param>
/// <param name="Last">Head of the last record; null for an empty stream.</param>
/// <param name="CreatedAt">When the last segment was begun.</param>
internal sealed record StreamEnd(uint Number, long LengthBytes, ulong NextIndex, byte[] Hash, RecordHead? Last, DateTimeOffset CreatedAt)
{
    public static StreamEnd Empty => new(0, 0, 0, new byte[RecordHead.HashBytes], null, DateTimeOffset.MinValue);
}

/// <summary>
/// Brings a stream to a state that can be appended to: checks segments and cuts a torn tail from the last one.
/// Whatever else is wrong is refused, never repaired.
/// </summary>
internal sealed partial class StreamRecovery(IFileSystem files, string directory, StreamKind kind, string station, ILogger logger)
{
    /// <summary>Recovers.</summary>
    /// <param name="allSegments">Check every segment, not only the last.</param>
    /// <param name="each">Sees every record that was checked, those of repairs too.</param>
    public StreamEnd Recover(bool allSegments, Action<RecordHead, ReadOnlyMemory<byte>>? each = null)
    {
        SegmentSuccessor.Settle(files, directory);
        var numbers = SegmentFiles.List(directory).ToList();
        if (numbers.Count > 0 && DeleteUnfinished(numbers[^1])) numbers.RemoveAt(numbers.Count - 1);
        if (numbers.Count == 0) return StreamEnd.Empty;
        using var chain = new RecordChain();
        var first = allSegments ? 0 : LastWithRecords(numbers);
        StreamEnd end = StreamEnd.Empty;
        for (var i = first; i < numbers.Count; i++)
        {
            var path = SegmentFiles.PathOf(directory, numbers[i]);
            if (i > first && numbers[i] != numbers[i - 1] + 1) throw new JournalException($"Journal segment before '{path}' is missing. 'appliance repair' goes on without it, 'appliance restore' brings a backup back.");
            using var reader = new SegmentReader(path);
            var header = Check(reader, numbers[i]);
            if (i == first) chain.Restart(header.FirstIndex, header.PreviousHash);
            else if (header.FirstIndex != chain.NextIndex || !header.PreviousHash.AsSpan().SequenceEqual(chain.Hash))
                throw Refused(path, 0, "it does not follow the segment before it");
            end = Walk(reader, header, chain, isLast: i == numbers.Count - 1, end.Last, each);
        }
        return end;
    }

    private int LastWithRecords(List<uint> numbers)
    {
        for (var i = numbers.Count - 1; i > 0; i--)
        {
            using var reader = new SegmentReader(SegmentFiles.PathOf(directory, numbers[i]));
            if (reader.PeekFirst() is not null) return i;
        }
        return 0;
    }

    private StreamEnd Walk(
        SegmentReader reader, SegmentHeader header, RecordChain chain, bool isLast, RecordHead? last, Action<RecordHead, ReadOnlyMemory<byte>>? each)
    {
        var fileBytes = reader.FileBytes;
        SegmentStep step;
        while ((step = reader.Next(fileBytes)) == SegmentStep.Record)
        {
            if (chain.Follow(reader.Head, reader.HeadBytes.Span, reader.Payload.Span) is { } problem) throw Refused(reader.Path, reader.Offset, problem);
            last = reader.Head;
            each?.Invoke(reader.Head, reader.Payload);
        }
        if (step == SegmentStep.Broken || (step == SegmentStep.Torn && !isLast)) throw Refused(reader.Path, reader.Offset, reader.Problem);
        if (step == SegmentStep.Torn) Cut(reader, fileBytes);
        return new StreamEnd(header.Number, reader.Offset, chain.NextIndex, chain.Hash.ToArray(), last, header.CreatedAt);
    }

    private void Cut(SegmentReader reader, long fileBytes)
    {
        using var file = files.OpenAppend(reader.Path);
        file.Truncate(reader.Offset);
        file.Sync();
        LogCut(reader.Path, reader.Offset, fileBytes - reader.Offset, reader.Problem);
    }

    private SegmentHeader Check(SegmentReader reader, uint number)
    {
        var header = reader.Header ?? throw Refused(reader.Path, 0, reader.Problem);
        if (header.Number != number || header.Stream != kind) throw Refused(reader.Path, 0, "its header is that of another segment");
        if (header.Station != station)
            throw new JournalException($"Journal segment '{reader.Path}' belongs to station '{header.Station}', this one is '{station}'. Use that name, or another state directory.");
        return header;
    }

    // A header is synced before the first record is written: without one there cannot be an acknowledged record.
    private bool DeleteUnfinished(uint number)
    {
        var path = SegmentFiles.PathOf(directory, number);
        var bytes = new FileInfo(path).Length;
        using (var reader = new SegmentReader(path))
        {
            if (reader.Header is not null || bytes > SegmentHeader.SizeBytes) return false;
            if (bytes == SegmentHeader.SizeBytes && File.ReadAllBytes(path).AsSpan().ContainsAnyExcept((byte)0)) return false;
        }
        files.Delete(path);
        files.SyncDirectory(directory);
        LogUnfinished(path);
        return true;
    }

    private static JournalException Refused(string path, long offset, string problem) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"Journal segment '{path}' is damaged at byte {offset}: {problem}. Nothing was changed. 'appliance verify' says what it means, 'appliance repair' keeps what can be read, 'appliance restore' brings a backup back."));

    [LoggerMessage(3001, LogLevel.Warning, "Cut {Bytes} bytes of an unfinished write from '{Path}' at byte {Offset}: {Problem}")]
    private partial void LogCut(string path, long offset, long bytes, string problem);

    [LoggerMessage(3002, LogLevel.Warning, "Removed journal segment '{Path}', which was begun but never finished and holds no record")]
    private partial void LogUnfinished(string path);
}
