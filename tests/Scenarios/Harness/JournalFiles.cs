using System.Text.Json.Nodes;

namespace Scenarios.Harness;

/// <summary>The journal of a state directory, read by the product's own commands.</summary>
internal static class JournalFiles
{
    /// <summary>Without the records that a repair put where others are lost.</summary>
    public static async Task<List<VerdictLine>> VerdictsAsync(string state) => [.. (await LinesAsync(state, "verdicts")).Where(l => !l.StartsWith("{\"firstIndex\":", StringComparison.Ordinal)).Select(VerdictLine.Parse)];

    public static async Task<List<JsonNode>> FactsAsync(string state) => [.. (await LinesAsync(state, "facts")).Select(l => JsonNode.Parse(l)!)];

    public static async Task AssertIntactAsync(string state)
    {
        var (code, output) = await RunningProgram.RunAsync(Repository.Appliance, "journal", "verify", "--state", state);
        Assert.True(code == 0, output);
        Assert.EndsWith("intact", output.TrimEnd(), StringComparison.Ordinal);
    }

    public static IEnumerable<JsonNode> OfKind(this IEnumerable<JsonNode> facts, string kind) => facts.Where(f => (string?)f["fact"] == kind);

    private static async Task<IEnumerable<string>> LinesAsync(string state, string stream)
    {
        var (code, output) = await RunningProgram.RunAsync(Repository.Appliance, "journal", "show", "--state", state, "--stream", stream, "--json");
        Assert.True(code == 0, output);
        return output.Split('\n').Where(l => l.StartsWith('{'));
    }
}
