namespace Oracle;

/// <summary>The journal by itself: identities, triggers, models.</summary>
internal static class JournalCheck
{
    public static void Run(StationRecords records, List<string> differences)
    {
        Identities(records, differences);
        Triggers(records, differences);
        Models(records, differences);
    }

    private static void Identities(StationRecords records, List<string> differences)
    {
        // Retention may have taken whole segments from the front.
        Identity last = records.Verdicts.Count > 0 && records.Of("anchor").Any() ? records.Verdicts[0].Id with { Sequence = records.Verdicts[0].Id.Sequence - 1 } : default;
        var started = records.Of("epoch").Select(e => (uint)e["epoch"]!).ToHashSet();
        foreach (var verdict in records.Verdicts)
        {
            if (Identity.Of(verdict.Node) != verdict.Id) differences.Add($"verdict {verdict.Id}: its record says {Identity.Of(verdict.Node)}");
            var follows = verdict.Id.Epoch == last.Epoch ? verdict.Id.Sequence == last.Sequence + 1 : verdict.Id.Epoch > last.Epoch && verdict.Id.Sequence == 1;
            if (!follows && !(verdict.Id > last && records.Lost.Any(l => l.Before == verdict.Id))) differences.Add($"verdict {verdict.Id}: follows {last} in the journal");
            if (!started.Contains(verdict.Id.Epoch) && !records.FactsLost) differences.Add($"verdict {verdict.Id}: its epoch was never started");
            last = verdict.Id;
        }

        var epochs = records.Of("epoch").Select(e => (uint)e["epoch"]!).ToList();
        for (var i = 1; i < epochs.Count; i++)
            if (epochs[i] <= epochs[i - 1]) differences.Add($"epoch {epochs[i]}: follows epoch {epochs[i - 1]}");
    }

    private static void Triggers(StationRecords records, List<string> differences)
    {
        var answers = records.Verdicts.Where(v => v.Trigger is not null).ToLookup(v => v.Trigger!, v => v.Id);
        var accepted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var trigger in records.Of("trigger").Select(t => (string)t["trigger"]!))
        {
            if (!accepted.Add(trigger)) differences.Add($"trigger {trigger}: was accepted twice");
            if (!answers.Contains(trigger) && records.Lost.Count == 0) differences.Add($"trigger {trigger}: was accepted and has no verdict");
        }

        foreach (var answer in answers)
        {
            if (answer.Count() > 1) differences.Add($"trigger {answer.Key}: has the verdicts {string.Join(" and ", answer)}");
            if (!accepted.Contains(answer.Key) && !records.FactsLost) differences.Add($"verdict {answer.First()}: answers trigger {answer.Key}, which was never accepted");
        }
    }

    /// <summary>A model judges only after its promotion is on disk.</summary>
    private static void Models(StationRecords records, List<string> differences)
    {
        if (records.FactsLost) return;
        var first = records.Facts.Where(f => f.Kind == "promotion").GroupBy(f => (string)f.Node["model"]!).ToDictionary(g => g.Key, g => g.First().VerdictsBefore);
        foreach (var verdict in records.Verdicts)
        {
            if ((string?)verdict.Node["model"] is not { } model) continue;
            if (!first.TryGetValue(model, out var before)) differences.Add($"verdict {verdict.Id}: model {model} was never promoted");
            else if (verdict.Id <= before) differences.Add($"verdict {verdict.Id}: model {model} was promoted after {before}");
        }
    }
}
