using System.Globalization;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Kills;

/// <summary>SIGKILL at random moments under load, again and again. <c>APPLIANCE_KILLS</c> sets how often, <c>APPLIANCE_KILLS_SEED</c> when.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Service_KilledAtRandomMoments_KeepsEverythingAcknowledged()
    {
        var (rounds, seed) = (Setting("APPLIANCE_KILLS", 8), Setting("APPLIANCE_KILLS_SEED", Environment.ProcessId));
        output.WriteLine($"{rounds} kills, seed {seed}");
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
        await using var station = new Station(Tiles(mosquitto.Port));
        var load = new Load(station, "cam2");
        await PromoteAsync(station, load);
        await KillAsync(station, load, rounds, new Random(seed));

        await station.StartAsync();
        await load.AskAgainAsync(TestContext.Current.CancellationToken);
        var samples = await SamplesAsync(station);
        var live = (string?)(await station.GetAsync("/api/v1/status"))["model"];
        Assert.Equal(0, await station.Program.TerminateAsync());

        await JournalFiles.AssertIntactAsync(station.State);
        var (verdicts, facts) = (await JournalFiles.VerdictsAsync(station.State), await JournalFiles.FactsAsync(station.State));
        output.WriteLine($"{verdicts.Count} verdicts, {load.Answered.Count} triggers answered, {load.Labelled.Count} labels acknowledged, {samples.Count} samples, {facts.OfKind("promotion").Count()} promotions");
        Verdicts.AssertContiguous(verdicts);
        await Verdicts.UntilHeardAsync(plc, verdicts[^1].Id, Limit);
        Assert.Equal(verdicts.Select(v => v.Json), Verdicts.Heard(plc.Lines).Select(v => v.Json));
        AssertTriggers(verdicts, facts, load);
        AssertLabels(facts, load, samples);
        AssertEpochs(plc.Lines, verdicts);
        Assert.Equal((string)facts.OfKind("promotion").Last()["model"]!, live);
        Assert.NotEmpty(load.Answered);
        Assert.NotEmpty(load.Labelled);
    }

    private static JsonObject Tiles(int brokerPort)
    {
        var configuration = Configurations.Tiles(
            brokerPort, Configurations.Free("cam1", Configurations.TileSource(1), 20), Configurations.Triggered("cam2", Configurations.TileSource(2)));
        configuration["Training"] = new JsonObject { ["AfterLabels"] = 20 };
        return configuration;
    }

    /// <summary>Works until a model is live, and kills at once.</summary>
    private static async Task PromoteAsync(Station station, Load load)
    {
        await station.StartAsync();
        var working = load.RunAsync(TestContext.Current.CancellationToken);
        await station.UntilAsync("/api/v1/status", s => s["model"] is not null, Limit, "a model is live");
        station.Program.Kill();
        await working;
        await station.Program.ExitAsync(Limit);
    }

    /// <summary>Every third kill falls into the start; the others up to two seconds after it, while training runs as well.</summary>
    private static async Task KillAsync(Station station, Load load, int rounds, Random random)
    {
        for (var round = 1; round <= rounds; round++)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var working = Task.CompletedTask;
            if (round % 3 == 0)
            {
                station.Launch();
            }
            else
            {
                await station.StartAsync();
                working = load.RunAsync(over.Token);
            }

            // The moment itself, not a wait for something.
            await Task.Delay(random.Next(50, round % 3 == 0 ? 900 : 2500), TestContext.Current.CancellationToken);
            station.Program.Kill();
            await over.CancelAsync();
            await working;
            await station.Program.ExitAsync(Limit);
        }
    }

    /// <summary>One verdict for each accepted trigger, and for each answer the verdict that was answered.</summary>
    private static void AssertTriggers(List<VerdictLine> verdicts, List<JsonNode> facts, Load load)
    {
        var byTrigger = verdicts.Where(v => v.Trigger is not null).ToLookup(v => v.Trigger!);
        Assert.DoesNotContain(facts.OfKind("trigger"), t => byTrigger[(string)t["trigger"]!].Count() != 1);
        foreach (var (trigger, answer) in load.Answered)
        {
            var recorded = Assert.Single(byTrigger[trigger]);
            Assert.Equal(recorded.Id, ((uint)answer["epoch"]!, (ulong)answer["sequence"]!));
            Assert.Equal(recorded.Kind, ((string)answer["verdict"]!).ToUpperInvariant());
        }
    }

    /// <summary>Acknowledged labels are facts, and the index says of every sample what the facts say.</summary>
    private static void AssertLabels(List<JsonNode> facts, Load load, List<JsonNode> samples)
    {
        static string Key(JsonNode label) => $"{label["sample"]} {label["label"]} {label["by"]}";
        static uint Epoch(string sample) => uint.Parse(sample.Split('-')[0], CultureInfo.InvariantCulture);
        var labels = facts.OfKind("label").ToList();
        var known = labels.Select(Key).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(load.Labelled, l => !known.Contains(Key(l)));

        var history = labels.ToLookup(l => (string)l["sample"]!, l => ((string)l["label"]!, (string)l["by"]!));
        var (kept, listed) = (facts.OfKind("sample").Select(f => (string)f["sample"]!).ToHashSet(StringComparer.Ordinal), samples.Select(s => (string)s["sample"]!).ToList());
        Assert.Equal(listed.Count, listed.Distinct().Count());
        Assert.Empty(listed.Except(kept));
        // The line went on after the list was asked for.
        var now = facts.OfKind("epoch").Max(e => (uint)e["epoch"]!);
        Assert.Empty(kept.Where(s => Epoch(s) < now).Except(listed));
        foreach (var sample in samples)
        {
            var said = history[(string)sample["sample"]!].ToList();
            Assert.Equal(said, sample["history"]!.AsArray().Select(h => ((string)h!["label"]!, (string)h["by"]!)));
            Assert.Equal(said.LastOrDefault().Item1, (string?)sample["label"]);
        }
    }

    /// <summary>Before the first verdict of an epoch comes its message, which names the last sequence of the one before.</summary>
    private static void AssertEpochs(IReadOnlyList<string> lines, List<VerdictLine> verdicts)
    {
        var announced = new HashSet<uint>();
        var last = verdicts.GroupBy(v => v.Id.Epoch).ToDictionary(g => g.Key, g => g.Max(v => v.Id.Sequence));
        foreach (var line in lines.Where(l => l.StartsWith("inspection/", StringComparison.Ordinal)))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (topic, message) = (line[..space], JsonNode.Parse(line[(space + 1)..])!);
            if (topic.Contains("/verdicts/", StringComparison.Ordinal)) Assert.Contains((uint)message["epoch"]!, announced);
            if (!topic.EndsWith("/epoch", StringComparison.Ordinal)) continue;
            announced.Add((uint)message["epoch"]!);
            Assert.Equal(last.GetValueOrDefault((uint)message["previousEpoch"]!), (ulong)message["lastSequenceRecovered"]!);
        }
    }

    private static async Task<List<JsonNode>> SamplesAsync(Station station)
    {
        List<JsonNode> all = [];
        while (true)
        {
            var before = all.Count == 0 ? "" : $"&before={all[^1]["sample"]}";
            var page = (await station.GetAsync($"/api/v1/samples?limit=500{before}"))["samples"]!.AsArray();
            all.AddRange(page.Select(s => s!));
            if (page.Count == 0) return all;
        }
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
