using Appliance.Journal;

namespace Appliance.Messaging;

/// <summary>Verdicts in a row that are not delivered, from the first to the last. It begins where the broker's acknowledged ones end, or where one before it ended.</summary>
internal sealed record Gap(InspectionId From, InspectionId To, long Count, string Why, DateTimeOffset At);

/// <summary>Every gap of this journal, in order. Written by the publisher, read by any thread.</summary>
internal sealed class Gaps
{
    private volatile Gap[] all = [];

    public Gaps(StationJournal journal)
    {
        foreach (var fact in journal.NotDelivered) Add(fact);
    }

    /// <summary>Verdicts in all gaps.</summary>
    public long Total => all.Sum(g => g.Count);

    /// <summary>Takes the place of those that it covers.</summary>
    public void Add(VerdictsNotDelivered fact)
    {
        if (!InspectionId.TryParse(fact.From, out var from) || !InspectionId.TryParse(fact.To, out var to)) return;
        all = [.. all.Where(g => g.From < from || g.To > to), new(from, to, fact.Count, fact.Why, fact.At)];
    }

    /// <summary>The first gap that begins after one verdict, and at or before another.</summary>
    public Gap? Between(InspectionId after, InspectionId id)
    {
        foreach (var gap in all)
            if (gap.From > after && gap.From <= id) return gap;
        return null;
    }

    /// <summary>The gap that a verdict lies in.</summary>
    public Gap? Of(InspectionId id) => Array.Find(all, g => g.From <= id && id <= g.To);

    /// <summary>How many verdicts after this one lie in gaps.</summary>
    public long CountAfter(InspectionId after)
    {
        var count = 0L;
        foreach (var gap in all)
            if (gap.From > after) count += gap.Count;
        return count;
    }
}
