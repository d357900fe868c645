using Inference.Files;

namespace Appliance.Journal;

/// <summary>After a failed sync: what of a segment's end is on disk is unknown, so it is cut back to the last place that was synced.</summary>
internal sealed class SegmentRepair(IFileSystem files, string path, long syncedBytes)
{
    /// <summary>Puts the chain to the synced end and returns the whole records that lie beyond, as bytes.</summary>
    /// <exception cref="JournalException">The synced part is damaged.</exception>
    public IReadOnlyList<byte[]> ReadBeyond(RecordChain chain)
    {
        var beyond = new List<byte[]>();
        using var reader = new SegmentReader(path);
        var header = reader.Header ?? throw new JournalException($"Journal segment '{path}' cannot be reopened: {reader.Problem}.");
        chain.Restart(header.FirstIndex, header.PreviousHash);
        while (reader.NextOffset < syncedBytes)
        {
            var problem = reader.Next(syncedBytes) != SegmentStep.Record ? reader.Problem : chain.Follow(reader.Head, reader.HeadBytes.Span, reader.Payload.Span);
            if (problem is not null) throw new JournalException($"Journal segment '{path}' is damaged at byte {reader.Offset}: {problem}.");
        }
        using var ahead = new RecordChain();
        ahead.Restart(chain.NextIndex, chain.Hash);
        while (reader.Next(reader.FileBytes) == SegmentStep.Record && ahead.Follow(reader.Head, reader.HeadBytes.Span, reader.Payload.Span) is null)
            beyond.Add([.. reader.HeadBytes.Span, .. reader.Payload.Span]);
        return beyond;
    }

    /// <summary>Cuts the file to its synced end, by a descriptor of its own.</summary>
    /// <exception cref="JournalException">It cannot be cut.</exception>
    public void Cut()
    {
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
    }
}
