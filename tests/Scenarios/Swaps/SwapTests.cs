using System.Globalization;
using System.Text.Json.Nodes;
using Oracle;
using Scenarios.Harness;

namespace Scenarios.Swaps;

/// <summary>
/// Two heads that disagree on purpose, made live in turn under load, <c>APPLIANCE_SWAPS</c> times. Every inspection is accounted for, and every
/// verdict is the one of the model that it names. Prints how much slower the line was, and what memory grew.
/// </summary>
public sealed class SwapTests(ITestOutputHelper output)
{
    private const int SwapsABlock = 30;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.1);

    [Fact]
    public Task Models_AlternatedUnderLoad_LoseAndMixNothing() => RunAsync(swap: true);

    /// <summary>The same line for the same time with one model: by how much the other one grows more, its swaps have left behind.</summary>
    [Fact(Explicit = true)]
    public Task Model_LeftAlone_PrintsWhatGrowsWithoutSwaps() => RunAsync(swap: false);

    private async Task RunAsync(bool swap)
    {
        var blocks = int.Parse(Environment.GetEnvironmentVariable("APPLIANCE_SWAPS") ?? "90", CultureInfo.InvariantCulture) / SwapsABlock;
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
        await using var station = new Station(Configurations.Tiles(mosquitto.Port, Configurations.Free("cam1", Configurations.TileSource(1), 30)));
        await station.StartAsync("Training:AfterLabels=100000");
        var models = await OpposedModelsAsync(station);

        // Nothing else is going on now: the figures are those of the swaps.
        await station.Program.TerminateAsync();
        await station.StartAsync("Training:AfterLabels=100000", "Sampling:MaxPerMinute=1");
        await station.InspectAsync(60);
        var before = Resources.Of(station.Program.Id);
        var measured = new Blocks(station);
        await measured.BeginAsync();
        var half = before;
        for (var block = 0; block < blocks; block++)
        {
            if (block == blocks / 2) half = Resources.Of(station.Program.Id);
            await measured.AddAsync(() => EachPeriodAsync(i => swap ? SwapAsync(station, models[i % 2]) : Task.CompletedTask), () => EachPeriodAsync(_ => Task.CompletedTask));
        }

        var after = Resources.Of(station.Program.Id);
        await WrongPackages.RefuseAsync(station, models[0]);
        output.WriteLine($"{before} before, {after} after {(swap ? blocks * SwapsABlock : 0)} swaps, {after.MemoryMb - half.MemoryMb:+0;-0;0} MB since half of the time");
        Assert.Equal(0, await station.Program.TerminateAsync());
        var verdicts = StationRecords.Read(station.State).Verdicts;
        await plc.UntilHeardAsync((verdicts[^1].Id.Epoch, verdicts[^1].Id.Sequence), Limit);
        output.WriteLine(await Oracles.AssertAgreesAsync(station, plc, new(), complete: true));
        output.WriteLine(await Oracles.AssertRecomputedAsync(station, Repository.MagneticTile()));
        output.WriteLine(measured.Compare(verdicts, swap ? "swapping" : "left alone"));
        Assert.Equal(swap ? models.Order() : models[1..], measured.Disturbed(verdicts).Select(v => (string)v.Node["model"]!).Distinct().Order());
    }

    private static async Task EachPeriodAsync(Func<int, Task> act)
    {
        using var beat = new PeriodicTimer(Period);
        for (var i = 0; i < SwapsABlock && await beat.WaitForNextTickAsync(TestContext.Current.CancellationToken); i++) await act(i);
    }

    private static async Task SwapAsync(Station station, string model)
    {
        var view = await station.PostAsync($"/api/v1/models/{model}/promote", new JsonObject { ["by"] = "anna", ["why"] = "a test" });
        Assert.Equal(model, (string)view["model"]!);
    }

    /// <summary>One head learns what the folders say, the next one the opposite, which its gate lets pass because the labels say so by then.</summary>
    private static async Task<List<string>> OpposedModelsAsync(Station station)
    {
        await station.InspectAsync(150);
        var samples = (await station.GetAsync("/api/v1/samples?limit=140"))["samples"]!.AsArray();
        List<string> models = [];
        foreach (var (good, bad) in new[] { ("free", "defect"), ("defect", "free") })
        {
            foreach (var sample in samples)
            {
                var label = TileLabels.Shows(sample!) == TileLabels.Free ? good : bad;
                await station.PostAsync($"/api/v1/samples/{sample!["sample"]}/label", new JsonObject { ["label"] = label, ["by"] = "anna" });
            }

            var (code, said) = await station.CommandAsync("train", "--by", "anna");
            Assert.True(code == 0, said);
            models.Add((string)(await station.GetAsync("/api/v1/status"))["model"]!);
        }

        Assert.NotEqual(models[0], models[1]);
        return models;
    }
}
