using System.Globalization;
using System.Text.Json.Nodes;

namespace Scenarios.Harness;

/// <summary>One verdict, with the bytes that it is made of.</summary>
internal sealed record VerdictLine(string Json, JsonNode Node)
{
    public (uint Epoch, ulong Sequence) Id { get; } = ((uint)Node["epoch"]!, (ulong)Node["sequence"]!);

    public string? Trigger => (string?)Node["trigger"];

    public string? Part => (string?)Node["part"];

    public string? Model => (string?)Node["model"];

    public string Kind => (string)Node["verdict"]!;

    public DateTimeOffset GrabbedAt => DateTimeOffset.Parse((string)Node["grabbedAt"]!, CultureInfo.InvariantCulture);

    public DateTimeOffset CommittedAt => GrabbedAt.AddMilliseconds((double)Node["latencyMs"]!["total"]!);

    /// <summary>The class by the name of the picture's folder.</summary>
    public string? Truth => ((string?)Node["source"])?.Split('/')[0];

    public static VerdictLine Parse(string json) => new(json, JsonNode.Parse(json)!);
}

/// <summary>What holds for the verdicts of every journal.</summary>
internal static class Verdicts
{
    /// <summary>Sequences without gaps from 1 in each epoch, epochs in order.</summary>
    public static void AssertContiguous(IEnumerable<VerdictLine> verdicts)
    {
        (uint Epoch, ulong Sequence) last = (0, 0);
        foreach (var id in verdicts.Select(v => v.Id))
        {
            Assert.True(id.Epoch == last.Epoch ? id.Sequence == last.Sequence + 1 : id.Epoch > last.Epoch && id.Sequence == 1, $"{id} follows {last}");
            last = id;
        }
    }
}
