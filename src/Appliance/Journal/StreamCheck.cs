namespace Appliance.Journal;

/// <summary>Walks one stream from its first segment, which is number 1 or one that an anchor names.</summary>
internal sealed class StreamCheck(
    string directory, StreamKind kind, IReadOnlyList<VerdictsAnchored> anchors, Action<RecordHead, ReadOnlyMemory<byte>>? each)
{
    private InspectionId last;
    private long records;
    private long lengthBytes;
    private long tornTailBytes;
    private readonly List<LostRecords> lost = [];
    private bool afterLoss;

    public StreamReport Run()
    {
        var numbers = SegmentFiles.List(directory);
        using var chain = new RecordChain();
        JournalDamage? damage = null;
        string? station = null;
        for (var i = 0; i < numbers.Count && damage is null; i++)
        {
            using var reader = new SegmentReader(SegmentFiles.PathOf(directory, numbers[i]));
            var isLast = i == numbers.Count - 1;
            damage = CheckHeader(reader, numbers[i], i == 0 ? null : numbers[i - 1], chain, isLast, ref station) ?? CheckRecords(reader, chain, isLast);
        }
        return new StreamReport(kind == StreamKind.Facts ? "facts" : "verdicts", numbers.Count, records, lengthBytes, tornTailBytes, lost, damage);
    }

    private JournalDamage? CheckHeader(SegmentReader reader, uint number, uint? before, RecordChain chain, bool isLast, ref string? station)
    {
        JournalDamage At(string what) => new(reader.Path, 0, what);
        if (reader.Header is not { } header) return isLast && reader.FileBytes < SegmentHeader.SizeBytes ? null : At(reader.Problem);
        if (header.Stream != kind || header.Number != number || header.Station != (station ??= header.Station)) return At("its header is that of another segment");
        if (before is { } previous)
        {
            if (number != previous + 1) return At($"segment {previous + 1} before it is missing");
            return header.FirstIndex == chain.NextIndex && header.PreviousHash.AsSpan().SequenceEqual(chain.Hash) ? null : At("it does not follow the segment before it");
        }
        chain.Restart(header.FirstIndex, header.PreviousHash);
        var begins = number == 1 && header.FirstIndex == 0 && !header.PreviousHash.AsSpan().ContainsAnyExcept((byte)0);
        return begins || anchors.Any(a => a.FirstSegment == number && a.FirstIndex == header.FirstIndex && a.PreviousHash == Convert.ToHexStringLower(header.PreviousHash))
            ? null
            : At("it is the first one there, but no anchor among the facts says so");
    }

    private JournalDamage? CheckRecords(SegmentReader reader, RecordChain chain, bool isLast)
    {
        // Length first: what a running service writes after this look is not looked at.
        var limit = reader.FileBytes;
        lengthBytes += limit;
        if (reader.Header is null)
        {
            tornTailBytes = limit;
            return null;
        }
        SegmentStep step;
        while ((step = reader.Next(limit)) == SegmentStep.Record)
        {
            if (chain.Follow(reader.Head, reader.HeadBytes.Span, reader.Payload.Span) is { } problem) return new(reader.Path, reader.Offset, problem);
            if (reader.Head.Type == RecordType.Lost)
            {
                lost.Add(LostRecords.Decode(reader.Payload.Span)!);
                afterLoss = true;
                continue;
            }
            if (kind == StreamKind.Verdicts && Misplaced(reader.Head.Id) is { } misplaced) return new(reader.Path, reader.Offset, misplaced);
            records++;
            try
            {
                each?.Invoke(reader.Head, reader.Payload);
            }
            catch (JournalException e)
            {
                return new(reader.Path, reader.Offset, e.Message);
            }
        }
        if (step == SegmentStep.Torn && isLast) tornTailBytes = limit - reader.Offset;
        else if (step != SegmentStep.End) return new(reader.Path, reader.Offset, reader.Problem);
        return null;
    }

    private string? Misplaced(InspectionId id)
    {
        var follows = last == default || (afterLoss && id > last) || (id.Epoch == last.Epoch ? id.Sequence == last.Sequence + 1 : id.Epoch > last.Epoch && id.Sequence == 1);
        var problem = follows ? null : $"verdict {id} does not follow {last}";
        (last, afterLoss) = (id, false);
        return problem;
    }
}
