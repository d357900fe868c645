using System.Diagnostics;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Recovery;

/// <summary>The state of a station that inspected, was labelled, and trained a model: made once, copied by each test.</summary>
public sealed class TrainedState : IAsyncLifetime
{
    private const int FirstLabels = 60;
    private Station? station;

    internal static JsonObject Configuration()
    {
        var configuration = Configurations.Embedded(Configurations.Free("cam1", Configurations.TileSource(1), 20));
        configuration["GoodClass"] = "free";
        configuration["Sampling"] = new JsonObject { ["OkShare"] = 1, ["MaxPerMinute"] = 6000 };
        // As many as the fixture gives: one round, one model, and none begun when it is stopped.
        configuration["Training"] = new JsonObject { ["AfterLabels"] = FirstLabels };
        return configuration;
    }

    public async ValueTask InitializeAsync()
    {
        station = new Station(Configuration());
        await station.StartAsync();
        await station.InspectAsync(FirstLabels);
        await LabelAsync(station, FirstLabels);
        await station.UntilAsync("/api/v1/status", s => s["model"] is not null, TimeSpan.FromSeconds(120), "a model is live");
        // Some that the model finds NG or UNSURE: they have evidence.
        await station.InspectAsync(await station.InspectedAsync() + 20);
        Assert.Equal(0, await station.Program.TerminateAsync());
    }

    /// <summary>Labels the newest samples by the folder that their picture came from. What was acknowledged.</summary>
    internal static async Task<List<JsonNode>> LabelAsync(Station station, int count)
    {
        var page = await station.UntilAsync("/api/v1/samples?limit=" + count, p => p["samples"]!.AsArray().Count >= count, TimeSpan.FromSeconds(60), $"{count} samples");
        return await TileLabels.LabelAsync(station, page["samples"]!);
    }

    /// <summary>A station with a copy of this state, not started.</summary>
    internal async Task<Station> CopyAsync()
    {
        var copy = new Station(Configuration());
        await CopyAsync(station!.State, copy.State);
        return copy;
    }

    /// <summary>Copies a state directory to a name that is free.</summary>
    internal static async Task CopyAsync(string state, string to)
    {
        using var cp = Process.Start("cp", ["-a", state, to]);
        Assert.Equal(0, await cp.EndsAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (station is not null) await station.DisposeAsync();
    }
}
