using System.Text.Json.Nodes;

namespace Oracle;

/// <summary>What the line asked for and was told against the journal.</summary>
internal static class LineCheck
{
    public static (int Asked, int Answered, int Refused, int Acknowledged, int Open) Run(
        StationRecords records, IReadOnlyList<Message> heard, IReadOnlyList<JsonObject> ledger, bool complete, List<string> differences)
    {
        var recorded = records.Verdicts.Where(v => v.Trigger is not null).ToLookup(v => v.Trigger!);
        var asked = Names(ledger, "asked").GroupBy(t => t).ToDictionary(g => g.Key, g => g.Count());
        var refusals = Names(ledger, "refused").Concat(heard.Where(m => m.Is("errors")).Select(m => (string?)m.Node["id"]).OfType<string>()).ToLookup(t => t);
        var answered = Answers(records, recorded, ledger, differences);
        var open = asked.Keys.Where(t => !recorded.Contains(t) && !refusals.Contains(t)).ToList();
        if (complete && records.Lost.Count == 0) differences.AddRange(open.Select(t => $"trigger {t}: asked, and neither judged nor refused"));
        foreach (var (trigger, times) in asked)
            if (refusals[trigger].Count() >= times && recorded.Contains(trigger)) differences.Add($"trigger {trigger}: refused each time, and judged as {recorded[trigger].First().Id}");
        return (asked.Count, answered, asked.Keys.Count(refusals.Contains), Facts(records, ledger, differences), open.Count);
    }

    private static int Answers(StationRecords records, ILookup<string, RecordedVerdict> recorded, IReadOnlyList<JsonObject> ledger, List<string> differences)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in ledger)
        {
            if ((string?)entry["answered"] is not { } trigger) continue;
            told.Add(trigger);
            // Then it may have been judged again, as interrupted.
            if (entry["verdict"]!["sequence"] is not null && records.IsLost(Identity.Of(entry["verdict"]!))) continue;
            if (recorded[trigger].FirstOrDefault() is not { } verdict)
            {
                differences.Add($"trigger {trigger}: the line was told {entry["verdict"]!.ToJsonString()}, and the journal has no verdict");
                continue;
            }

            // Members without a value are null in the answer and absent in the record.
            foreach (var (name, value) in entry["verdict"]!.AsObject())
                if (!JsonNode.DeepEquals(value, verdict.Node[name])) differences.Add($"trigger {trigger}: {name} is {value?.ToJsonString() ?? "null"} in what the line was told, and {verdict.Node[name]?.ToJsonString() ?? "null"} in {verdict.Id}");
        }

        return told.Count;
    }

    /// <summary>Each acknowledged fact is recorded, with at least the members that were confirmed.</summary>
    private static int Facts(StationRecords records, IReadOnlyList<JsonObject> ledger, List<string> differences)
    {
        var confirmed = ledger.Select(e => e["acknowledged"]).OfType<JsonObject>().ToList();
        var known = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var fact in confirmed)
        {
            var members = fact.Where(m => m.Value is not null).Select(m => m.Key).Order(StringComparer.Ordinal).ToList();
            var shape = string.Join(',', members);
            if (!known.TryGetValue(shape, out var those)) known[shape] = those = [.. records.Facts.Select(f => Key(f.Node.AsObject(), members))];
            if (!those.Contains(Key(fact, members)) && !records.FactsLost) differences.Add($"fact {fact.ToJsonString()}: acknowledged, and not in the journal");
        }

        return confirmed.Count;
    }

    private static string Key(JsonObject fact, List<string> members) => string.Join('\n', members.Select(m => $"{m}={fact[m]?.ToJsonString()}"));

    private static IEnumerable<string> Names(IEnumerable<JsonObject> ledger, string kind) => ledger.Select(e => (string?)e[kind]).OfType<string>();
}
