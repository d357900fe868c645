using System.Globalization;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Kills;

/// <summary>
/// SIGKILL of the service and of its broker at random moments under load, again and again. <c>APPLIANCE_KILLS</c> sets how often each,
/// <c>APPLIANCE_KILLS_SEED</c> when. The oracle says whether anything acknowledged was lost.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private readonly CancellationToken aborted = TestContext.Current.CancellationToken;

    [Fact]
    public async Task ServiceAndBroker_KilledAtRandomMoments_LoseNothingAcknowledged()
    {
        var (kills, seed) = (Setting("APPLIANCE_KILLS", 25), Setting("APPLIANCE_KILLS_SEED", Environment.ProcessId));
        output.WriteLine($"{kills} kills each, seed {seed}");
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
        await using var station = new Station(Tiles(mosquitto.Port));
        await using var load = new Load(station, mosquitto, "cam2");
        await PromoteAsync(station, load);
        await KillAsync(station, mosquitto, load, kills, new Random(seed));

        await load.AskAgainAsync(aborted);
        await station.UntilAsync("/api/v1/status", s => (string?)s["detail"] is not { } said || !said.Contains("The index is made anew", StringComparison.Ordinal), Limit, "the index is there");
        var samples = await SamplesAsync(station);
        var live = (string?)(await station.GetAsync("/api/v1/status"))["model"];
        Assert.Equal(0, await station.Program.TerminateAsync());

        await JournalFiles.AssertIntactAsync(station.State);
        var facts = await JournalFiles.FactsAsync(station.State);
        await plc.UntilHeardAsync((await JournalFiles.VerdictsAsync(station.State))[^1].Id, Limit);
        output.WriteLine(await Oracles.AssertAgreesAsync(station, plc, load.Ledger));
        output.WriteLine($"{samples.Count} samples, {facts.OfKind("promotion").Count()} promotions, {facts.OfKind("epoch").Count()} starts");
        AssertIndexed(facts, samples);
        Assert.Equal((string)facts.OfKind("promotion").Last()["model"]!, live);
        Assert.Contains(load.Ledger.Entries, e => e["answered"] is not null);
        Assert.Contains(load.Ledger.Entries, e => e["acknowledged"] is not null);
    }

    private static JsonObject Tiles(int brokerPort)
    {
        var configuration = Configurations.Tiles(
            brokerPort, Configurations.Free("cam1", Configurations.TileSource(1), 10), Configurations.Triggered("cam2", Configurations.TileSource(2)));
        configuration["Training"] = new JsonObject { ["AfterLabels"] = 20 };
        configuration["Sampling"]!["MaxPerMinute"] = 600;
        // Mosquitto saves each second: what it had acknowledged before that, it still has.
        configuration["Mqtt"]!["ResendSpan"] = "00:00:10";
        return configuration;
    }

    /// <summary>Works until a model is live, and kills at once.</summary>
    private async Task PromoteAsync(Station station, Load load)
    {
        await station.StartAsync();
        var working = load.RunAsync(aborted);
        await station.UntilAsync("/api/v1/status", s => s["model"] is not null, Limit, "a model is live");
        await KillAsync(station);
        await working;
    }

    /// <summary>In random order. Every third kill of the service falls into its start; the others may meet a training round.</summary>
    private async Task KillAsync(Station station, Mosquitto mosquitto, Load load, int kills, Random random)
    {
        var victims = Enumerable.Range(0, 2 * kills).Select(i => i % 2 == 0).ToArray();
        random.Shuffle(victims);
        var services = 0;
        await station.StartAsync();
        var working = load.RunAsync(aborted);
        foreach (var isService in victims)
        {
            // The moment itself, not a wait for something.
            await Task.Delay(random.Next(20, 900), aborted);
            if (isService)
            {
                await KillAsync(station);
                await working;
                if (++services % 3 == 0)
                {
                    station.Launch();
                    await Task.Delay(random.Next(20, 900), aborted);
                    await KillAsync(station);
                }

                await station.StartAsync();
                working = load.RunAsync(aborted);
                if (services % 100 == 0) output.WriteLine($"{services} of {kills} kills of the service");
            }
            else
            {
                await mosquitto.KillAsync();
                await Task.Delay(random.Next(0, 400), aborted);
                await mosquitto.StartAsync();
            }
        }

        await KillAsync(station);
        await working;
        // What is live now stays so while it is looked at.
        await station.StartAsync("Training:AfterLabels=100000");
    }

    private static async Task KillAsync(Station station)
    {
        station.Program.Kill();
        await station.Program.ExitAsync(Limit);
    }

    /// <summary>The index, rebuilt after every kill, says of every sample what the facts say.</summary>
    private static void AssertIndexed(List<JsonNode> facts, List<JsonNode> samples)
    {
        static uint Epoch(string sample) => uint.Parse(sample.Split('-')[0], CultureInfo.InvariantCulture);
        var history = facts.OfKind("label").ToLookup(l => (string)l["sample"]!, l => ((string)l["label"]!, (string)l["by"]!));
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
