namespace Appliance.Journal;

/// <summary>Rebuilds the trigger log at a start from the facts and from the verdicts that came after the oldest trigger remembered.</summary>
internal sealed class TriggerRecovery(int capacity)
{
    private readonly Queue<(TriggerAccepted Fact, InspectionId VerdictsBefore)> accepted = new();

    /// <summary>Takes a trigger from the facts, in order.</summary>
    public void Accepted(TriggerAccepted fact, InspectionId verdictsBefore)
    {
        accepted.Enqueue((fact, verdictsBefore));
        if (accepted.Count > capacity) accepted.Dequeue();
    }

    /// <summary>Fills the log; returns the triggers without verdict, oldest first.</summary>
    public IReadOnlyList<TriggerAccepted> Fill(TriggerLog log, VerdictCursor verdicts)
    {
        foreach (var (fact, _) in accepted) log.TryAdd(fact.Trigger);
        while (verdicts.TryRead(out var id, out var json))
        {
            if (verdicts.LastType == RecordType.TriggeredVerdict && TriggerLog.TriggerOf(json.Span) is { } trigger) log.Answer(trigger, id);
        }
        return [.. accepted.Select(a => a.Fact).Where(f => log.TryFind(f.Trigger, out var verdict) && verdict is null)];
    }

    /// <summary>Where the verdicts begin that can answer the triggers taken; null when none was taken.</summary>
    public InspectionId? Oldest => accepted.TryPeek(out var first) ? first.VerdictsBefore : null;
}
