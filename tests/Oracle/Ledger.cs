using System.Text.Json;
using System.Text.Json.Nodes;

namespace Oracle;

/// <summary>
/// What the line did and was told, one JSON object a line, in order. <c>{"asked":"t-17"}</c> before a trigger is sent;
/// <c>{"answered":"t-17","verdict":{…}}</c> for its verdict; <c>{"refused":"t-17","why":"…"}</c>; <c>{"acknowledged":{"fact":"label",…}}</c>
/// for a fact that was confirmed, with the members that must be recorded.
/// </summary>
internal sealed class Ledger
{
    private readonly Lock gate = new();
    private readonly List<JsonObject> entries = [];

    public IReadOnlyList<JsonObject> Entries
    {
        get { lock (gate) return [.. entries]; }
    }

    public static IReadOnlyList<JsonObject> Parse(IEnumerable<string> lines) =>
        [.. lines.Where(l => l.Length > 0).Select(l => JsonNode.Parse(l) as JsonObject ?? throw new JsonException($"'{l}' is no object of a ledger."))];

    public void Asked(string trigger) => Add(new() { ["asked"] = trigger });

    public void Answered(string trigger, JsonNode verdict) => Add(new() { ["answered"] = trigger, ["verdict"] = verdict.DeepClone() });

    public void Refused(string trigger, string why) => Add(new() { ["refused"] = trigger, ["why"] = why });

    public void Acknowledged(JsonNode fact) => Add(new() { ["acknowledged"] = fact.DeepClone() });

    public void Save(string path) => File.WriteAllLines(path, Entries.Select(e => e.ToJsonString()));

    private void Add(JsonObject entry)
    {
        lock (gate) entries.Add(entry);
    }
}
