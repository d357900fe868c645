using System.Text.Json.Nodes;

namespace Scenarios.Harness;

/// <summary>Verdicts as a subscriber heard them and as the journal has them.</summary>
internal static class Verdicts
{
    /// <summary>Payloads of the verdict messages, in the order of arrival.</summary>
    public static List<string> Heard(RunningProgram subscriber) => [.. subscriber.Lines
        .Where(l => l.Contains("/verdicts/", StringComparison.Ordinal)).Select(l => l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..])];

    /// <summary>Payloads in the journal, read by the product's own command.</summary>
    public static async Task<List<string>> RecordedAsync(string state)
    {
        var (code, output) = await RunningProgram.RunAsync(Repository.Appliance, "journal", "show", "--state", state, "--stream", "verdicts", "--json");
        Assert.True(code == 0, output);
        return [.. output.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonNode.Parse(l)!).Select(r => (r["payload"] ?? r).ToJsonString())];
    }

    public static (uint Epoch, ulong Sequence) Identity(JsonNode verdict) => ((uint)verdict["epoch"]!, (ulong)verdict["sequence"]!);

    /// <summary>Every identity once, sequences without gaps from 1 in each epoch, in order.</summary>
    public static void AssertContiguous(IEnumerable<JsonNode> verdicts)
    {
        (uint Epoch, ulong Sequence) last = (0, 0);
        foreach (var id in verdicts.Select(Identity))
        {
            Assert.True(id.Epoch == last.Epoch ? id.Sequence == last.Sequence + 1 : id.Epoch > last.Epoch && id.Sequence == 1, $"{id} follows {last}");
            last = id;
        }
    }
}
