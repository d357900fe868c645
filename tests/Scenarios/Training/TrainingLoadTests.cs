using System.Globalization;
using System.Text.Json.Nodes;
using Oracle;
using Scenarios.Harness;

namespace Scenarios.Training;

/// <summary>Training runs in a loop beside 30 frames a second: nothing is lost, and the printed latencies and dropped pictures tell what it costs. <c>APPLIANCE_FRAMES</c> sets how many frames see training.</summary>
public sealed class TrainingLoadTests(ITestOutputHelper output)
{
    private const int FramesABlock = 120;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Train_InALoopBesideTheLine_LosesNothing()
    {
        var blocks = int.Parse(Environment.GetEnvironmentVariable("APPLIANCE_FRAMES") ?? "240", CultureInfo.InvariantCulture) / FramesABlock;
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
        await using var station = new Station(Configurations.Tiles(mosquitto.Port, Configurations.Free("cam1", Configurations.TileSource(1), 30)));
        await station.StartAsync("Training:AfterLabels=100000");
        await LabelAsync(station);
        await station.Program.TerminateAsync();
        await station.StartAsync("Training:AfterLabels=100000", "Sampling:MaxPerMinute=1");
        await station.InspectAsync(60);

        var (measured, rounds) = (new Blocks(station), 0);
        await measured.BeginAsync();
        for (var block = 0; block < blocks; block++)
        {
            await measured.AddAsync(
                async () =>
                {
                    var until = await station.InspectedAsync() + FramesABlock;
                    for (; await station.InspectedAsync() < until; rounds++) await TrainAsync(station);
                },
                async () => await station.InspectAsync(await station.InspectedAsync() + FramesABlock));
        }

        Assert.Equal(0, await station.Program.TerminateAsync());
        var verdicts = StationRecords.Read(station.State).Verdicts;
        await plc.UntilHeardAsync((verdicts[^1].Id.Epoch, verdicts[^1].Id.Sequence), Limit);
        output.WriteLine(await Oracles.AssertAgreesAsync(station, plc, new(), complete: true));
        output.WriteLine($"{measured.Compare(verdicts, "training")}; {rounds} rounds");
        Assert.True(rounds >= blocks, $"{rounds} rounds");
    }

    private static async Task LabelAsync(Station station)
    {
        await station.InspectAsync(400);
        foreach (var sample in (await station.GetAsync("/api/v1/samples?limit=300"))["samples"]!.AsArray())
        {
            var label = ((string)sample!["source"]!).Split('/')[0];
            await station.PostAsync($"/api/v1/samples/{sample["sample"]}/label", new JsonObject { ["label"] = label, ["by"] = "anna" });
        }
    }

    private static async Task TrainAsync(Station station)
    {
        var asked = await station.PostAsync("/api/v1/training", new JsonObject { ["by"] = "anna" });
        await station.UntilAsync("/api/v1/training", t => (int)t["now"]!["rounds"]! >= (int)asked["answer"]!, Limit, "the round is over");
    }
}
