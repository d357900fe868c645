using System.Text.Json.Nodes;
using Oracle;
using Scenarios.Harness;

namespace Scenarios.Line;

/// <summary>Plays the line's controllers: one asks by HTTP and waits for each verdict, one by MQTT and hears them.</summary>
internal sealed class Controller(Station station, RunningProgram publisher)
{
    /// <summary>What was asked, and answered over HTTP.</summary>
    public Ledger Ledger { get; } = new();

    /// <summary>Triggers that were handed to the broker, <c>mqtt-0</c> and on.</summary>
    public int Published { get; private set; }

    public async Task AskAsync(string camera, TimeSpan period, CancellationToken until)
    {
        for (var (i, beat) = (0, new PeriodicTimer(period)); await NextAsync(beat, until); i++)
        {
            var trigger = $"http-{i}";
            Ledger.Asked(trigger);
            Ledger.Answered(trigger, await station.PostAsync("/api/v1/triggers", new JsonObject { ["id"] = trigger, ["camera"] = camera }));
        }
    }

    public async Task PublishAsync(string camera, TimeSpan period, CancellationToken until)
    {
        for (var beat = new PeriodicTimer(period); await NextAsync(beat, until); Published++)
        {
            var trigger = $"mqtt-{Published}";
            Ledger.Asked(trigger);
            await publisher.WriteLineAsync(new JsonObject { ["id"] = trigger, ["camera"] = camera }.ToJsonString());
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
