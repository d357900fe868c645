using Appliance.Journal;

namespace Appliance.Messaging;

/// <summary>The starts of the journal. Those of earlier runs are read from the facts only when asked for.</summary>
internal sealed class EpochHistory(StationJournal journal)
{
    private readonly Lazy<Dictionary<uint, EpochStarted>> earlier = new(() => journal.ReadFacts<EpochStarted>().ToDictionary(f => f.Epoch));

    /// <summary>Null where the facts have no such epoch.</summary>
    public EpochStarted? Find(uint epoch) => epoch == journal.Epoch ? journal.EpochFact : earlier.Value.GetValueOrDefault(epoch);

    /// <summary>The verdict that follows; the first of this epoch where there is none.</summary>
    public InspectionId After(InspectionId id)
    {
        while (id.Epoch < journal.Epoch && Find(id.Epoch + 1) is { } next)
        {
            if (next.PreviousEpoch == id.Epoch && id.Sequence < next.LastSequenceRecovered) break;
            id = new(next.Epoch, 0);
        }

        return new(id.Epoch, id.Sequence + 1);
    }

    /// <summary>The verdict so many before; <c>default</c> before the first.</summary>
    public InspectionId Back(InspectionId id, long count)
    {
        while (id.Sequence <= (ulong)count)
        {
            count -= (long)id.Sequence;
            if (Find(id.Epoch) is not { PreviousEpoch: > 0 } fact) return default;
            id = new(fact.PreviousEpoch, fact.LastSequenceRecovered);
        }

        return new(id.Epoch, id.Sequence - (ulong)count);
    }

    /// <summary>How many verdicts were committed after <paramref name="after"/>, up to and with <paramref name="last"/>.</summary>
    public long CountBetween(InspectionId after, InspectionId last)
    {
        if (last <= after) return 0;
        if (last.Epoch == after.Epoch) return (long)(last.Sequence - after.Sequence);
        // Each epoch's fact says how far the one before it went.
        var count = (long)last.Sequence;
        for (var fact = Find(last.Epoch); fact is not null && fact.PreviousEpoch > 0; fact = Find(fact.PreviousEpoch))
        {
            if (fact.PreviousEpoch == after.Epoch) return count + Math.Max(0, (long)fact.LastSequenceRecovered - (long)after.Sequence);
            if (fact.PreviousEpoch < after.Epoch) break;
            count += (long)fact.LastSequenceRecovered;
        }

        return count;
    }
}
