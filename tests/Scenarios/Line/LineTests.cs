using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Line;

/// <summary>The product's one sentence, on real parts with real peers: judge, take labels, train, swap, and lose nothing.</summary>
public sealed class LineTests(ITestOutputHelper output)
{
    private const int FirstLabels = 60;
    private const int MoreLabels = 40;
    private const int LeastLabels = 140;
    private const int ScoredVerdicts = 250;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Line_LabelledWhileItRuns_LearnsSwapsAndAccountsForEveryInspection()
    {
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
        await using var publisher = mosquitto.Publisher("inspection/line/trigger");
        await using var station = new Station(Tiles(mosquitto.Port));
        await station.StartAsync();
        // Triggers sent before are not kept for later.
        await HeardAsync(plc, "\"online\":true");
        var controller = new Controller(station, publisher);
        using var shift = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var line = Task.WhenAll(
            controller.AskAsync("cam2", TimeSpan.FromMilliseconds(40), shift.Token), controller.PublishAsync("cam3", TimeSpan.FromMilliseconds(120), shift.Token));

        await TrainAsync(station);
        var best = (string)(await station.GetAsync("/api/v1/status"))["model"]!;
        await plc.UntilAsync($"\"model\":\"{best}\"", Limit, ScoredVerdicts);
        await CommandAsync(station, plc);
        await shift.CancelAsync();
        await line;
        await HeardAsync(plc, $"\"trigger\":\"mqtt-{controller.Published - 1}\"");
        var swaps = (await station.GetAsync("/api/v1/status"))["swaps"]!.AsArray();
        Assert.Equal(0, await station.Program.TerminateAsync());

        await ReconcileAsync(station, plc, controller, swaps, best);
        await FallBackAsync(station, swaps);
    }

    private static JsonObject Tiles(int brokerPort)
    {
        var configuration = Configurations.Tiles(
            brokerPort, Configurations.Free("cam1", Configurations.TileSource(1), 5),
            Configurations.Triggered("cam2", Configurations.TileSource(1)), Configurations.Triggered("cam3", Configurations.TileSource(1)));
        configuration["Training"] = new JsonObject { ["AfterLabels"] = FirstLabels };
        return configuration;
    }

    /// <summary>The first model comes by itself after so many labels; more labels and requests until the gate lets a second one pass.</summary>
    private async Task TrainAsync(Station station)
    {
        var labelling = new Labelling(station);
        await labelling.UntilAsync(FirstLabels, TestContext.Current.CancellationToken);
        var training = await station.UntilAsync("/api/v1/training", t => t["now"]!["last"] is not null, Limit, "a round after the labels");
        Assert.Equal("labels", (string)training["now"]!["last"]!["requestedBy"]!);
        output.WriteLine($"{labelling.Count} labels: {training["now"]!["last"]!["outcome"]}: {training["now"]!["last"]!["reason"]}");
        for (var round = 0; round < 8 && (labelling.Count < LeastLabels || await SwapsAsync(station) < 2); round++)
        {
            await labelling.UntilAsync(labelling.Count + MoreLabels, TestContext.Current.CancellationToken);
            var (code, said) = await station.CommandAsync("train", "--by", "anna");
            Assert.True(code == 0, said);
            output.WriteLine($"{labelling.Count} labels: {said.Split('\n')[^1]}");
        }

        Assert.True(await SwapsAsync(station) >= 2, "The gate let no second model pass.");
    }

    /// <summary>What a person types while the line runs.</summary>
    private static async Task CommandAsync(Station station, Plc plc)
    {
        var status = await station.CommandAsync("status");
        Assert.Equal(0, status.Code);
        var live = (string)(await station.GetAsync("/api/v1/status"))["model"]!;
        Assert.Contains(live, status.Output, StringComparison.Ordinal);
        var list = await station.CommandAsync("models", "list");
        Assert.Equal(0, list.Code);
        Assert.Contains($"* {live[..12]}", list.Output, StringComparison.Ordinal);
        var show = await station.CommandAsync("models", "show", live[..12]);
        Assert.Equal(0, show.Code);
        Assert.Contains($"{live} (live)", show.Output, StringComparison.Ordinal);
        var triggered = await station.CommandAsync("trigger", "--id", "typed", "--camera", "cam2", "--part", "A-1204");
        Assert.Equal(0, triggered.Code);
        var again = await station.CommandAsync("trigger", "--id", "typed", "--camera", "cam2", "--part", "A-1204");
        Assert.Equal(triggered, again);
        Assert.Equal("A-1204", (string)JsonNode.Parse(triggered.Output)!["part"]!);

        var sample = (string)(await station.GetAsync("/api/v1/samples?label=free&limit=1"))["samples"]![0]!["sample"]!;
        var label = await station.CommandAsync("label", sample, "uneven", "--by", "anna");
        Assert.Equal((0, $"{sample} is 'uneven' (was 'free'), says anna"), label);
        await station.CommandAsync("label", sample, "free", "--by", "anna");
        Assert.Equal(["free", "uneven", "free"], (await station.GetAsync($"/api/v1/samples/{sample}"))["history"]!.AsArray().Select(h => (string)h!["label"]!));

        var rollback = await station.CommandAsync("models", "rollback", "--by", "anna", "--why", "a test");
        Assert.Equal(0, rollback.Code);
        var old = (string)(await station.GetAsync("/api/v1/status"))["model"]!;
        Assert.NotEqual(live, old);
        Assert.StartsWith($"{old} is live with policy ", rollback.Output, StringComparison.Ordinal);
        var next = await station.PostAsync("/api/v1/triggers", new JsonObject { ["camera"] = "cam2" });
        Assert.Equal(old, (string)next["model"]!);
        await HeardAsync(plc, $"\"model\":\"{old}\"");
    }

    private async Task ReconcileAsync(Station station, Plc plc, Controller controller, JsonArray swaps, string best)
    {
        await JournalFiles.AssertIntactAsync(station.State);
        var recorded = await JournalFiles.VerdictsAsync(station.State);
        await plc.UntilHeardAsync(recorded[^1].Id, Limit);
        output.WriteLine(await Oracles.AssertAgreesAsync(station, plc, controller.Ledger, complete: true));
        Assert.DoesNotContain(recorded, v => v.Kind == "FAULT");

        Promotions.AssertLive(await JournalFiles.FactsAsync(station.State), swaps, recorded);
        var (score, unseen) = (Score.OfUnlabelled(recorded, best), Score.OfUnseen(recorded));
        output.WriteLine($"{controller.Published} triggers by MQTT, {swaps.Count} swaps");
        output.WriteLine(FormattableString.Invariant($"macro-F1 {score.MacroF1:F3} on {score.Parts} never labelled parts by the last model trained (chance {score.Chance:F3}); {unseen.MacroF1:F3} by any model on the {unseen.Parts} never inspected before"));
        Assert.True(score.Parts >= 50, $"Only {score.Parts} parts were scored.");
        Assert.True(score.MacroF1 > 0.3, $"macro-F1 {score.MacroF1}");
    }

    /// <summary>
    /// The live model's package was damaged while the service was down: the one behind it judges, or none, and the log says so.
    /// Never the one that was rolled back, which a person took off the line.
    /// </summary>
    private static async Task FallBackAsync(Station station, JsonArray swaps)
    {
        var (live, left) = ((string)swaps[^1]!["model"]!, (string)swaps[^1]!["before"]!);
        var behind = (string?)swaps.First(s => (string)s!["model"]! == live)!["before"];
        var head = Path.Combine(station.State, "models", live, "head.onnx");
        var bytes = await File.ReadAllBytesAsync(head, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(head, bytes, TestContext.Current.CancellationToken);

        await station.StartAsync();
        var verdict = await station.PostAsync("/api/v1/triggers", new JsonObject { ["camera"] = "cam2" });

        Assert.NotEqual(left, (string?)verdict["model"]);
        Assert.Equal(behind, (string?)verdict["model"]);
        if (behind is null) Assert.Equal(("UNSURE", "no-model"), ((string)verdict["verdict"]!, (string)verdict["reason"]!));
        Assert.Contains(station.Program.Lines, l => l.Contains(live, StringComparison.Ordinal) && l.Contains("head.onnx", StringComparison.Ordinal));
        Assert.Contains((await station.GetAsync("/api/v1/models"))["broken"]!.AsArray(), b => ((string)b!).Contains(live, StringComparison.Ordinal));
        Assert.Equal(0, await station.Program.TerminateAsync());
    }

    private static async Task<int> SwapsAsync(Station station) => (await station.GetAsync("/api/v1/status"))["swaps"]!.AsArray().Count;

    private static Task HeardAsync(Plc plc, string text) => plc.UntilAsync(text, Limit);
}
