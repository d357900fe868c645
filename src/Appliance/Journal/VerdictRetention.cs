using Inference.Files;

namespace Appliance.Journal;

/// <summary>
/// Deletes the oldest verdicts by whole segments. For each the anchor is durable before its file goes, so that the chain stays checkable whenever the process dies; a deletion that was cut off
/// goes on. Never touches the last segment, nor verdicts that the broker has not acknowledged. One caller at a time.
/// </summary>
internal sealed class VerdictRetention(StationJournal journal, IFileSystem files, TimeProvider time)
{
    private readonly string directory = journal.VerdictDirectory;
    private uint? anchored;

    /// <summary>Deletes the oldest segment if it is beyond a limit. False when none is.</summary>
    /// <param name="now">What ages count to, see <see cref="Samples.RetentionClock"/>.</param>
    /// <param name="age">Segments whose verdicts are all older; zero for no limit.</param>
    /// <param name="bytes">Most that all segments may have; 0 for no limit.</param>
    /// <param name="delivered">The last verdict that the broker has acknowledged.</param>
    /// <exception cref="JournalException">The anchor could not be recorded. A damaged segment is no error here: it stays, and all after it; 'appliance verify' names it.</exception>
    /// <exception cref="IOException">The file could not be deleted; may be tried again.</exception>
    public async Task<bool> DeleteOneAsync(DateTimeOffset now, TimeSpan age, long bytes, InspectionId delivered)
    {
        if (age == TimeSpan.Zero && bytes == 0) return false;
        var numbers = SegmentFiles.List(directory);
        if (numbers.Count < 2) return false;
        var (oldest, next) = (SegmentFiles.PathOf(directory, numbers[0]), numbers[1]);
        if (numbers[0] >= Anchored())
        {
            if (Anchor(now, oldest, SegmentFiles.PathOf(directory, next), age, TotalBytes(numbers) - bytes, bytes > 0, delivered) is not { } anchor) return false;
            await journal.AppendDurableAsync(anchor, CancellationToken.None);
            anchored = next;
        }

        files.Delete(oldest);
        files.SyncDirectory(directory);
        return true;
    }

    private VerdictsAnchored? Anchor(DateTimeOffset now, string oldest, string next, TimeSpan age, long excessBytes, bool hasLimit, InspectionId delivered)
    {
        using var following = new SegmentReader(next);
        if (following.Header is not { } header || following.PeekFirst() is not { } first || first.Id > delivered) return null;
        // Whatever is in the oldest was written before the next was begun.
        var isOld = age != TimeSpan.Zero && header.CreatedAt < now - age;
        if (!isOld && !(hasLimit && excessBytes > 0)) return null;
        return new(header.Number, header.FirstIndex, Convert.ToHexStringLower(header.PreviousHash), Last(oldest).ToString()) { At = time.GetUtcNow() };
    }

    private static InspectionId Last(string segment)
    {
        using var reader = new SegmentReader(segment);
        var last = default(InspectionId);
        var limit = reader.FileBytes;
        while (reader.Next(limit) == SegmentStep.Record) last = reader.Head.Id;
        return last;
    }

    private long TotalBytes(IReadOnlyList<uint> numbers) => numbers.Sum(n => new FileInfo(SegmentFiles.PathOf(directory, n)).Length);

    // Segments before this one may go without another fact.
    private uint Anchored() => anchored ??= journal.ReadFacts<VerdictsAnchored>().LastOrDefault()?.FirstSegment ?? 0;
}
