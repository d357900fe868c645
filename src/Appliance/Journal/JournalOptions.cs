namespace Appliance.Journal;

/// <summary>Sizes and times of the journal; the defaults are those of the product.</summary>
internal sealed record JournalOptions
{
    /// <summary>A segment that has reached this size is followed by a new one.</summary>
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>A verdict segment that is older is followed by a new one, so that retention can delete by day.</summary>
    public TimeSpan VerdictSegmentAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long verdicts gather before their group is synced; with the sync itself it must stay within 10 ms.</summary>
    public TimeSpan GroupDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Room held for records on a full disk; the station sets it by <c>Disk:ReserveBytes</c>.</summary>
    public long ReserveBytes { get; init; }

    /// <summary>Answered triggers remembered for repeats; after as many acceptances the open ones are named in the facts.</summary>
    public int TriggersRemembered { get; init; } = 10_000;
}
