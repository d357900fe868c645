using Appliance.Journal;

namespace Appliance.Samples;

/// <summary>
/// How far into the journal's facts the index is sure to be: up to the first one that was written and has not reached it. A fact whose writer was told
/// 'unknown', as only a station does that stops, is found by the next start. A lock of its own: who writes facts does not wait for a query.
/// </summary>
internal sealed class IndexPlace
{
    private readonly Lock gate = new();
    private readonly Dictionary<Fact, long> awaited = new(ReferenceEqualityComparer.Instance);
    private long next;

    /// <summary>So many facts from the first one of the journal on are in the index; never more than that, though some after them may be.</summary>
    public long Sure
    {
        get
        {
            lock (gate) return awaited.Count == 0 ? next : awaited.Values.Min();
        }
    }

    /// <summary>The index has been made from so many facts, or brought up to them.</summary>
    public void Begin(long facts)
    {
        lock (gate) next = Math.Max(next, facts);
    }

    /// <summary>A fact was written, in the journal's order.</summary>
    /// <param name="place">How many facts are before it.</param>
    public void Written(long place, Fact fact)
    {
        lock (gate)
        {
            if (IndexFile.Holds(fact)) awaited[fact] = place;
            next = place + 1;
        }
    }

    /// <summary>Where a fact stands that was written and has not reached the index, the same object; null for any other.</summary>
    public long? Of(Fact fact)
    {
        lock (gate) return awaited.TryGetValue(fact, out var place) ? place : null;
    }

    /// <summary>It has reached the index, the same object that was written.</summary>
    public void Reached(Fact fact)
    {
        lock (gate) awaited.Remove(fact);
    }
}
