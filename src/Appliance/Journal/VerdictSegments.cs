namespace Appliance.Journal;

/// <summary>Finds verdicts in segment files. Reads only.</summary>
internal static class VerdictSegments
{
    // A retention deletes segments one by one; nobody deletes so many while one look is taken.
    private const int Looks = 5;

    // A look at a whole journal takes longer than the deletion of a segment, so that one of many deletions may fall into each; they end.
    private const int WholeLooks = 100;

    /// <summary>A reader at the start of the segment that holds the first verdict after <paramref name="after"/>; null when there are no segments.</summary>
    public static SegmentReader? Find(string directory, InspectionId after) => Again(directory, () => Look(directory, after));

    /// <summary>
    /// Looks again where a segment was deleted, or cut by a reopening, between the look at the directory and the one into the file. The one place for it.
    /// </summary>
    /// <exception cref="JournalException">The segments change faster than they can be looked at.</exception>
    public static T Again<T>(string directory, Func<T> look, int most = Looks)
    {
        for (var looks = 1; ; looks++)
        {
            try
            {
                return look();
            }
            catch (Exception e) when (e is FileNotFoundException or SegmentChangedException)
            {
                if (looks == most) throw new JournalException($"The verdicts in '{directory}' are deleted or moved faster than they can be read: {e.Message} Does another program work there?", e);
            }
        }
    }

    /// <summary>
    /// A look at the facts and then at the verdicts, of a service that runs: taken again where a retention has deleted the first segment meanwhile, for the anchor that names the next one may be a
    /// fact that was not yet there.
    /// </summary>
    /// <exception cref="JournalException">The segments change faster than they can be looked at.</exception>
    public static T WithAnchors<T>(string state, Func<T> look)
    {
        var directory = SegmentFiles.Directory(state, StreamKind.Verdicts);
        return Again(directory, () =>
        {
            var first = First();
            var seen = look();
            return First() == first ? seen : throw new SegmentChangedException(SegmentFiles.PathOf(directory, first));
        }, WholeLooks);

        uint First() => SegmentFiles.List(directory) is [var first, ..] ? first : 0;
    }

    /// <summary>Every verdict under a state directory that no service holds open, in order. The bytes are valid until the next one.</summary>
    /// <exception cref="JournalException">A segment is damaged.</exception>
    public static IEnumerable<(InspectionId Id, ReadOnlyMemory<byte> Json)> ReadAll(string state)
    {
        var directory = SegmentFiles.Directory(state, StreamKind.Verdicts);
        foreach (var number in SegmentFiles.List(directory))
        {
            using var reader = new SegmentReader(SegmentFiles.PathOf(directory, number));
            if (reader.Header is null) throw new JournalException($"Journal segment '{reader.Path}' is damaged: {reader.Problem}.");
            while (reader.Next(reader.FileBytes) == SegmentStep.Record)
            {
                if (reader.Head.Type != RecordType.Lost) yield return (reader.Head.Id, reader.Payload);
            }
        }
    }

    /// <summary>The payload of one verdict; null when it is not there.</summary>
    /// <remarks>Costs one pass over a part of one segment.</remarks>
    public static byte[]? Read(string directory, InspectionId id)
    {
        using var found = Find(directory, id);
        if (found is null) return null;
        var limit = found.FileBytes;
        while (found.Next(limit) == SegmentStep.Record)
        {
            if (found.Head.Type == RecordType.Lost) continue;
            if (found.Head.Id == id) return found.Payload.ToArray();
            if (found.Head.Id > id) return null;
        }
        return null;
    }

    private static SegmentReader? Look(string directory, InspectionId after)
    {
        var numbers = SegmentFiles.List(directory);
        for (var i = numbers.Count - 1; i >= 0; i--)
        {
            var reader = new SegmentReader(SegmentFiles.PathOf(directory, numbers[i]));
            if (i == 0 || (reader.PeekFirst() is { } first && first.Id <= after))
            {
                if (reader.Header is not null) return reader;
                var problem = reader.Problem;
                reader.Dispose();
                throw new JournalException($"Journal segment '{reader.Path}' is damaged: {problem}.");
            }
            reader.Dispose();
        }
        return null;
    }
}

/// <summary>A segment is not what it was when reading began.</summary>
internal sealed class SegmentChangedException(string path) : Exception($"Segment '{path}' was cut or deleted under its reader.");
