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

/// <summary>Verdicts as a subscriber heard them and as the journal has them.</summary>
internal static class Verdicts
{
    /// <summary>Payloads of the verdict messages in the order of arrival. Repetitions are left out, after they were held against the first.</summary>
    public static List<VerdictLine> Heard(IReadOnlyList<string> lines)
    {
        var (heard, known) = (new List<VerdictLine>(), new Dictionary<(uint, ulong), string>());
        foreach (var line in lines.Where(l => l.StartsWith("inspection/", StringComparison.Ordinal)))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (!line[..space].Contains("/verdicts/", StringComparison.Ordinal)) continue;
            var verdict = VerdictLine.Parse(line[(space + 1)..]);
            if (known.TryAdd(verdict.Id, verdict.Json)) heard.Add(verdict);
            else Assert.Equal(known[verdict.Id], verdict.Json);
        }

        return heard;
    }

    /// <summary>Waits until a subscriber has heard this inspection.</summary>
    public static Task UntilHeardAsync(RunningProgram subscriber, (uint Epoch, ulong Sequence) id, TimeSpan limit)
    {
        var mark = string.Create(CultureInfo.InvariantCulture, $"\"epoch\":{id.Epoch},\"sequence\":{id.Sequence},");
        return subscriber.UntilAsync(lines => lines.Any(l => l.Contains(mark, StringComparison.Ordinal)), limit, $"verdict {id} is heard");
    }

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
