using Appliance.Journal;

namespace Appliance.Messaging;

/// <summary>What is to be sent, in order: verdicts of the journal, and in the place of those that were given up the gap. One user at a time.</summary>
internal sealed class OutboxReader(StationJournal journal, OutboxBound bound, Gaps gaps, InspectionId after) : IDisposable
{
    private const int CheckEvery = 128;
    private VerdictCursor cursor = journal.OpenVerdicts(after);
    private InspectionId position = after;
    private long read;

    /// <summary>Null when there is nothing now.</summary>
    /// <exception cref="JournalException">A segment is damaged.</exception>
    public async ValueTask<OutboxItem?> NextAsync()
    {
        if (read++ % CheckEvery == 0) await bound.EnforceAsync(position);
        if (!cursor.TryRead(out var id, out var json)) return null;
        if (id != new InspectionId(position.Epoch, position.Sequence + 1)) await bound.CheckAsync(position, id);
        if (gaps.Between(position, id) is not { } gap)
        {
            position = id;
            return new(id, json, null);
        }

        position = gap.To;
        cursor.Dispose();
        cursor = journal.OpenVerdicts(position);
        return new(position, default, gap);
    }

    public Task WaitForMoreAsync(CancellationToken cancellation) => cursor.WaitForMoreAsync(cancellation);

    public void Dispose() => cursor.Dispose();
}

/// <summary>A verdict, or a gap.</summary>
/// <param name="Id">Of the verdict, or the last of the gap.</param>
/// <param name="Json">Of the verdict; valid until the next one is read.</param>
internal readonly record struct OutboxItem(InspectionId Id, ReadOnlyMemory<byte> Json, Gap? Gap);
