using System.Globalization;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Soak;

/// <summary>Many inspections, triggers and labels in one life of the service: what it holds stays what it was. <c>APPLIANCE_INSPECTIONS</c> sets how many.</summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Looks = 20;
    private static readonly TimeSpan Limit = TimeSpan.FromHours(2);

    [Fact(Explicit = true)]
    public async Task Run_ManyInspections_HoldsNoMoreThanBefore()
    {
        var inspections = int.Parse(Environment.GetEnvironmentVariable("APPLIANCE_INSPECTIONS") ?? "100000", CultureInfo.InvariantCulture);
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
        var configuration = Configurations.Tiles(
            mosquitto.Port, Configurations.Free("cam1", Configurations.TileSource(1), 0), Configurations.Triggered("cam2", Configurations.TileSource(2)));
        configuration["Sampling"]!["MaxPerMinute"] = 60;
        await using var station = new Station(configuration);
        await station.StartAsync();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var asking = AskAsync(station, over.Token);

        List<Resources> seen = [];
        for (var look = 1; look <= Looks; look++)
        {
            await station.UntilAsync("/api/v1/status", s => (long)s["inspections"]!["inspections"]! >= inspections * (long)look / Looks, Limit, "the next look");
            seen.Add(Resources.Of(station.Program.Id));
            output.WriteLine($"{inspections * (long)look / Looks} inspections: {seen[^1]}");
        }

        await over.CancelAsync();
        await asking;
        Assert.Equal(0, await station.Program.TerminateAsync());
        var last = (await JournalFiles.VerdictsAsync(station.State))[^1].Id;
        await plc.UntilHeardAsync(last, TimeSpan.FromMinutes(5));
        output.WriteLine(await Oracles.AssertAgreesAsync(station, plc, new()));
        // The first quarter fills caches and pools, and the first models are trained.
        var (second, fourth) = (seen[(Looks / 4)..(Looks / 2)], seen[(Looks * 3 / 4)..]);
        Assert.True(fourth.Average(r => r.MemoryMb) <= 1.1 * second.Average(r => r.MemoryMb), "Memory grows.");
        Assert.True(fourth.Max(r => r.Handles) <= second.Max(r => r.Handles) + 8, "Handles grow.");
        Assert.True(fourth.Max(r => r.Threads) <= second.Max(r => r.Threads) + 8, "Threads grow.");
    }

    /// <summary>Triggers and labels, as a line has them.</summary>
    private static async Task AskAsync(Station station, CancellationToken cancellation)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(0.5));
        try
        {
            for (var i = 0; await beat.WaitForNextTickAsync(cancellation); i++)
            {
                await station.PostAsync("/api/v1/triggers", new JsonObject { ["id"] = $"soak-{i}", ["camera"] = "cam2" });
                await TileLabels.LabelAsync(station, (await station.GetAsync("/api/v1/samples?unlabelled=true&limit=2"))["samples"]!);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }
}
