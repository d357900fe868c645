using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Kills;

/// <summary>Asks and labels as fast as the station answers, and keeps what was acknowledged. An exchange that the kill cut off counts for nothing.</summary>
internal sealed class Load(Station station, string camera)
{
    private readonly ConcurrentQueue<string> asked = new();
    private int triggers;
    private int labels;

    /// <summary>Trigger and the verdict that answered it.</summary>
    public ConcurrentDictionary<string, JsonNode> Answered { get; } = new(StringComparer.Ordinal);

    /// <summary>Label facts that were acknowledged, in order.</summary>
    public ConcurrentQueue<JsonNode> Labelled { get; } = new();

    /// <summary>Runs until the station is gone or the cancellation.</summary>
    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(
        UntilGoneAsync(() => AskAsync(NextTrigger(), cancellation), cancellation), UntilGoneAsync(() => AskAsync(NextTrigger(), cancellation), cancellation),
        UntilGoneAsync(() => LabelAsync(cancellation), cancellation));

    /// <summary>Asks every trigger again. A station that forgot nothing answers each with the verdict that it has.</summary>
    public async Task AskAgainAsync(CancellationToken cancellation)
    {
        foreach (var trigger in asked.ToList()) await AskAsync(trigger, cancellation);
    }

    private string NextTrigger()
    {
        var trigger = $"kill-{Interlocked.Increment(ref triggers)}";
        asked.Enqueue(trigger);
        return trigger;
    }

    private async Task AskAsync(string trigger, CancellationToken cancellation)
    {
        if (await AnswerAsync("/api/v1/triggers", new JsonObject { ["id"] = trigger, ["camera"] = camera }, cancellation) is not { } verdict) return;
        var first = Answered.GetOrAdd(trigger, verdict);
        Assert.True(JsonNode.DeepEquals(first, verdict), $"Trigger {trigger} was answered by {first} and then by {verdict}.");
    }

    private async Task LabelAsync(CancellationToken cancellation)
    {
        using var response = await station.TryGetAsync("/api/v1/samples?limit=20", cancellation);
        var page = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellation))!;
        // The newest again and again: most are relabels.
        foreach (var sample in page["samples"]!.AsArray())
        {
            var shows = ((string)sample!["source"]!).StartsWith("free/", StringComparison.Ordinal) ? "free" : "defect";
            var body = new JsonObject { ["label"] = shows, ["by"] = $"operator {Interlocked.Increment(ref labels)}" };
            if (await AnswerAsync($"/api/v1/samples/{sample["sample"]}/label", body, cancellation) is { } fact) Labelled.Enqueue(fact);
        }
    }

    private async Task<JsonNode?> AnswerAsync(string path, JsonObject body, CancellationToken cancellation)
    {
        using var response = await station.TryPostAsync(path, body, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        return response.IsSuccessStatusCode ? JsonNode.Parse(text) : null;
    }

    private static async Task UntilGoneAsync(Func<Task> exchange, CancellationToken cancellation)
    {
        try
        {
            while (!cancellation.IsCancellationRequested) await exchange();
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            // Killed, or told to stop.
        }
    }
}
