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

/// <summary>Both streams of a state directory.</summary>
internal sealed record StationRecords(IReadOnlyList<RecordedVerdict> Verdicts, IReadOnlyList<RecordedFact> Facts)
{
    /// <exception cref="InvalidDataException">A segment is damaged.</exception>
    public static StationRecords Read(string state) => new(
        [.. Segments.Read(Path.Combine(state, "journal", "verdicts")).Select(r => new RecordedVerdict(r.Id, r.Payload, JsonNode.Parse(r.Payload)!))],
        [.. Segments.Read(Path.Combine(state, "journal", "facts")).Select(r => new RecordedFact(r.Id, JsonNode.Parse(r.Payload)!))]);

    public IEnumerable<JsonNode> Of(string kind) => Facts.Where(f => f.Kind == kind).Select(f => f.Node);
}
