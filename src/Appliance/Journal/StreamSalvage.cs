namespace Appliance.Journal;

/// <summary>Goes through a stream, segment by segment, and says what can be made of each. Reads only, also while a service writes.</summary>
/// <param name="epochFloor">For the records that stand where others are lost.</param>
internal sealed class StreamSalvage(string state, StreamKind kind, string station, IReadOnlyList<VerdictsAnchored> anchors, uint epochFloor, TimeProvider time)
{
    private readonly string directory = SegmentFiles.Directory(state, kind);

    /// <summary>Every segment in order, also those that are missing in between. Throws <see cref="UnreadableSegmentException"/> at one that cannot be read.</summary>
    /// <param name="quarantine">Directory for damaged files, from the state directory.</param>
    /// <param name="each">Sees every record that is kept.</param>
    public IEnumerable<SalvagedSegment> Run(string quarantine, Action<RecordHead, ReadOnlyMemory<byte>>? each = null)
    {
        var numbers = SegmentFiles.List(directory).ToList();
        // A segment begun and never finished; the next start removes it.
        if (numbers.Count > 0 && new FileInfo(SegmentFiles.PathOf(directory, numbers[^1])).Length < SegmentHeader.SizeBytes) numbers.RemoveAt(numbers.Count - 1);
        if (numbers.Count == 0) yield break;
        using var chain = new RecordChain();
        var number = Begin(numbers[0], chain);
        RecordHead? last = null;
        for (; number <= numbers[^1]; number++)
        {
            var path = SegmentFiles.PathOf(directory, number);
            var bytes = Path.Exists(path) ? Read(path, File.ReadAllBytes) : [];
            var expected = new SegmentHeader(kind, station, number, chain.NextIndex, last?.At ?? time.GetUtcNow(), chain.Hash.ToArray());
            var salvage = new SegmentSalvage(expected, path, bytes, chain, new(Path.Combine(quarantine, Path.GetRelativePath(state, path)), epochFloor), time, each);
            yield return salvage.Run(number == numbers[^1] ? null : JoinOf(number + 1), number == numbers[^1], ref last);
        }
    }

    private uint Begin(uint first, RecordChain chain)
    {
        if (anchors.Where(a => a.FirstSegment <= first).MaxBy(a => a.FirstSegment) is not { } anchor) return 1;
        chain.Restart(anchor.FirstIndex, Convert.FromHexString(anchor.PreviousHash));
        return anchor.FirstSegment;
    }

    private SegmentJoin? JoinOf(uint number)
    {
        var path = SegmentFiles.PathOf(directory, number);
        if (!Path.Exists(path)) return null;
        using var reader = Read(path, p => new SegmentReader(p));
        return reader.Header is { } h && h.Stream == kind && h.Number == number && h.Station == station ? new(h.FirstIndex, h.PreviousHash) : null;
    }

    private static T Read<T>(string path, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableSegmentException(path, e);
        }
    }
}
