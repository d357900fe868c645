namespace Appliance.Journal;

/// <summary>
/// Rebuilds the trigger log at a start: from the facts, and from the verdicts after the oldest trigger that may still need one. Holds what
/// was accepted since the last <see cref="TriggersOpen"/>, what that names, and the last <paramref name="capacity"/> for repeats.
/// </summary>
internal sealed class TriggerRecovery(int capacity)
{
    private readonly Queue<Accepted> recent = new();
    private Dictionary<string, Accepted> open = new(StringComparer.Ordinal);

    /// <summary>Takes a fact, in order.</summary>
    public void Add(Fact fact, InspectionId verdictsBefore)
    {
        if (fact is TriggerAccepted trigger)
        {
            var accepted = new Accepted(trigger, verdictsBefore);
            open[trigger.Trigger] = accepted;
            recent.Enqueue(accepted);
            if (recent.Count > capacity) recent.Dequeue();
        }

        if (fact is TriggersOpen mark)
            open = mark.Triggers.Where(open.ContainsKey).ToDictionary(t => t, t => open[t], StringComparer.Ordinal);
    }

    /// <summary>Fills the log; returns the triggers without verdict, oldest first.</summary>
    public IReadOnlyList<TriggerAccepted> Fill(TriggerLog log, VerdictCursor verdicts)
    {
        var known = Known();
        foreach (var trigger in known.Keys) log.TryAdd(trigger);
        while (verdicts.TryRead(out var id, out var json))
        {
            if (verdicts.LastType != RecordType.TriggeredVerdict || TriggerLog.TriggerOf(json.Span) is not { } trigger) continue;
            // One of before is of the same id when it was forgotten and used again.
            if (known.TryGetValue(trigger, out var accepted) && id > accepted.VerdictsBefore) log.Answer(trigger, id);
        }

        // Answered, as a mark says, and the verdict is kept no longer.
        foreach (var trigger in known.Keys.Where(t => !open.ContainsKey(t))) log.Remove(trigger);
        return [.. open.Values.Where(a => log.IsOpen(a.Fact.Trigger)).OrderBy(a => a.VerdictsBefore).Select(a => a.Fact)];
    }

    /// <summary>Where the verdicts begin that can answer the triggers taken; null when none was taken.</summary>
    public InspectionId? Oldest => Known() is { Count: > 0 } known ? known.Values.Min(a => a.VerdictsBefore) : null;

    // The last acceptance of an id is the one that counts.
    private Dictionary<string, Accepted> Known()
    {
        var known = new Dictionary<string, Accepted>(open, StringComparer.Ordinal);
        foreach (var accepted in recent) known[accepted.Fact.Trigger] = accepted;
        return known;
    }

    private sealed record Accepted(TriggerAccepted Fact, InspectionId VerdictsBefore);
}
