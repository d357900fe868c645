using Inference.Files;

namespace Appliance.Journal;

/// <summary>After a failed sync: what of a segment's end is on disk is unknown, so it is cut back to the last place that was synced.</summary>
internal sealed class SegmentRepair(IFileSystem files, string path, long syncedBytes)
{
    /// <summary>Puts the chain to the synced end and returns the whole records that lay beyond, as bytes.</summary>
    /// <exception cref="JournalException">The synced part is damaged, or the file cannot be cut.</exception>
    public IReadOnlyList<byte[]> Run(RecordChain chain)
    {
        var beyond = new List<byte[]>();
        using (var reader = new SegmentReader(path))
        {
            var header = reader.Header ?? throw new JournalException($"Journal segment '{path}' cannot be reopened: {reader.Problem}.");
            chain.Restart(header.FirstIndex, header.PreviousHash);
            using var ahead = new RecordChain();
            while (reader.NextOffset < syncedBytes)
            {
                if (reader.Next(syncedBytes) != SegmentStep.Record) throw new JournalException($"Journal segment '{path}' is damaged at byte {reader.Offset}: {reader.Problem}.");
                if (chain.Follow(reader.Head, reader.HeadBytes.Span, reader.Payload.Span) is { } problem)
                    throw new JournalException($"Journal segment '{path}' is damaged at byte {reader.Offset}: {problem}.");
            }
            ahead.Restart(chain.NextIndex, chain.Hash);
            while (reader.Next(reader.FileBytes) == SegmentStep.Record && ahead.Follow(reader.Head, reader.HeadBytes.Span, reader.Payload.Span) is null)
                beyond.Add([.. reader.HeadBytes.Span, .. reader.Payload.Span]);
        }
        try
        {
            using var file = files.OpenAppend(path);
            file.Truncate(syncedBytes);
            file.Sync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalException($"Journal segment '{path}' cannot be reopened: {e.Message}", e);
        }
        return beyond;
    }
}
