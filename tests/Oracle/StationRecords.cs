using System.Text.Json.Nodes;

namespace Oracle;

/// <summary>One verdict of the journal, with the bytes that it is made of.</summary>
internal sealed record RecordedVerdict(Identity Id, string Json, JsonNode Node)
{
    public string? Trigger => (string?)Node["trigger"];
}

/// <summary>One fact of the journal.</summary>
/// <param name="VerdictsBefore">The last verdict that was committed before it.</param>
internal sealed record RecordedFact(Identity VerdictsBefore, JsonNode Node)
{
    public string Kind => (string)Node["fact"]!;
}

/// <summary>A place where a repair found verdicts lost, by the ones that stand beside it.</summary>
/// <param name="Before">Null when nothing follows.</param>
internal sealed record LostVerdicts(Identity After, Identity? Before)
{
    public bool Has(Identity id) => After < id && (Before is not { } before || id < before);
}

/// <summary>Both streams of a state directory.</summary>
internal sealed record StationRecords(IReadOnlyList<RecordedVerdict> Verdicts, IReadOnlyList<RecordedFact> Facts)
{
    public IReadOnlyList<LostVerdicts> Lost { get; init; } = [];

    /// <summary>A repair found facts lost: then what they said cannot be asked for.</summary>
    public bool FactsLost { get; init; }

    /// <exception cref="InvalidDataException">A segment is damaged.</exception>
    public static StationRecords Read(string state)
    {
        var verdicts = Segments.Read(Path.Combine(state, "journal", "verdicts")).ToList();
        var facts = Segments.Read(Path.Combine(state, "journal", "facts")).ToList();
        return new(
            [.. verdicts.Where(r => !r.IsLoss).Select(r => new RecordedVerdict(r.Id, r.Payload, JsonNode.Parse(r.Payload)!))],
            [.. facts.Where(r => !r.IsLoss).Select(r => new RecordedFact(r.Id, JsonNode.Parse(r.Payload)!))])
        {
            Lost = [.. verdicts.Index().Where(r => r.Item.IsLoss).Select(r => new LostVerdicts(r.Item.Id, verdicts.Skip(r.Index).FirstOrDefault(v => !v.IsLoss)?.Id))],
            FactsLost = facts.Exists(f => f.IsLoss),
        };
    }

    public IEnumerable<JsonNode> Of(string kind) => Facts.Where(f => f.Kind == kind).Select(f => f.Node);

    /// <summary>Whether a repair has named it.</summary>
    public bool IsLost(Identity id) => Lost.Any(l => l.Has(id));
}
