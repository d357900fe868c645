using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Line;

/// <summary>Plays the line's controllers: one asks by HTTP and waits for each verdict, one by MQTT and hears them.</summary>
internal sealed class Controller(Station station, RunningProgram publisher)
{
    private readonly ConcurrentDictionary<string, JsonNode> answers = new(StringComparer.Ordinal);
    private readonly List<string> published = [];

    /// <summary>Verdicts by trigger, as they were answered over HTTP.</summary>
    public IReadOnlyDictionary<string, JsonNode> Answers => answers;

    /// <summary>Triggers that were handed to the broker.</summary>
    public IReadOnlyList<string> Published => published;

    public async Task AskAsync(string camera, TimeSpan period, CancellationToken until)
    {
        for (var (i, beat) = (0, new PeriodicTimer(period)); await NextAsync(beat, until); i++)
            answers[$"http-{i}"] = await station.PostAsync("/api/v1/triggers", new JsonObject { ["id"] = $"http-{i}", ["camera"] = camera });
    }

    public async Task PublishAsync(string camera, TimeSpan period, CancellationToken until)
    {
        for (var (i, beat) = (0, new PeriodicTimer(period)); await NextAsync(beat, until); i++)
        {
            await publisher.WriteLineAsync(new JsonObject { ["id"] = $"mqtt-{i}", ["camera"] = camera }.ToJsonString());
            published.Add($"mqtt-{i}");
        }
    }

    private static async Task<bool> NextAsync(PeriodicTimer beat, CancellationToken until)
    {
        try
        {
            return await beat.WaitForNextTickAsync(until);
        }
        catch (OperationCanceledException)
        {
            beat.Dispose();
            return false;
        }
    }
}
