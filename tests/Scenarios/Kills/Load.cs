using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Oracle;
using Scenarios.Harness;

namespace Scenarios.Kills;

/// <summary>Asks by HTTP and MQTT and labels, and writes down what was asked and acknowledged. An exchange that a kill cut off has no outcome.</summary>
internal sealed class Load(Station station, Mosquitto mosquitto, string camera) : IAsyncDisposable
{
    // Fewer than the station remembers: each of these must get the verdict that it has.
    private const int AskedAgain = 1000;
    private readonly ConcurrentQueue<string> asked = new();
    private RunningProgram? publisher;
    private int triggers;
    private int labels;

    public Ledger Ledger { get; } = new();

    /// <summary>Runs until the station is gone or the cancellation.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        // Who asks by HTTP sees that the station is gone; who publishes does not.
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] others = [UntilGoneAsync(60, PublishAsync, gone.Token), UntilGoneAsync(300, () => LabelAsync(gone.Token), gone.Token)];
        await UntilGoneAsync(40, () => AskAsync(NextTrigger(), gone.Token), gone.Token);
        await gone.CancelAsync();
        await Task.WhenAll(others);
    }

    /// <summary>Asks the last triggers again. A station that forgot nothing answers each with the verdict that it has.</summary>
    public async Task AskAgainAsync(CancellationToken cancellation)
    {
        foreach (var trigger in asked.TakeLast(AskedAgain)) await AskAsync(trigger, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (publisher is not null) await publisher.DisposeAsync();
    }

    private string NextTrigger()
    {
        var trigger = $"http-{Interlocked.Increment(ref triggers)}";
        asked.Enqueue(trigger);
        return trigger;
    }

    private async Task AskAsync(string trigger, CancellationToken cancellation)
    {
        Ledger.Asked(trigger);
        using var response = await station.TryPostAsync("/api/v1/triggers", new JsonObject { ["id"] = trigger, ["camera"] = camera }, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        if (response.IsSuccessStatusCode) Ledger.Answered(trigger, JsonNode.Parse(text)!);
        else Ledger.Refused(trigger, text);
    }

    private async Task PublishAsync()
    {
        if (publisher is null or { HasExited: true })
        {
            await DisposeAsync();
            publisher = mosquitto.Publisher($"inspection/{Configurations.StationName}/trigger");
        }

        var trigger = $"mqtt-{Interlocked.Increment(ref triggers)}";
        Ledger.Asked(trigger);
        try
        {
            await publisher.WriteLineAsync(new JsonObject { ["id"] = trigger, ["camera"] = camera }.ToJsonString());
        }
        catch (IOException)
        {
            // It went with its broker.
        }
    }

    private async Task LabelAsync(CancellationToken cancellation)
    {
        using var response = await station.TryGetAsync("/api/v1/samples?limit=4", cancellation);
        // After a kill a large index is made while the line runs, and nobody labels.
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable) return;
        var page = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellation))!;
        // The newest again and again: many are relabels.
        foreach (var sample in page["samples"]!.AsArray())
        {
            var body = new JsonObject { ["label"] = TileLabels.Shows(sample!), ["by"] = $"operator {Interlocked.Increment(ref labels)}" };
            using var answer = await station.TryPostAsync($"/api/v1/samples/{sample!["sample"]}/label", body, cancellation);
            var text = await answer.Content.ReadAsStringAsync(cancellation);
            if (answer.IsSuccessStatusCode) Ledger.Acknowledged(JsonNode.Parse(text)!);
        }
    }

    private static async Task UntilGoneAsync(int periodMs, Func<Task> exchange, CancellationToken cancellation)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(periodMs));
        try
        {
            while (await beat.WaitForNextTickAsync(cancellation)) await exchange();
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            // Killed, or told to stop.
        }
    }
}
