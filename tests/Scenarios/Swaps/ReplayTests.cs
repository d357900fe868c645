using System.Text.Json.Nodes;
using Oracle;
using Scenarios.Harness;

namespace Scenarios.Swaps;

/// <summary>Verdicts of many models and policies, judged again by the command from what the station kept.</summary>
public sealed class ReplayTests(ITestOutputHelper output)
{
    private const int Swaps = 10;
    private const int Replayed = 100;

    [Fact]
    public async Task Replay_AfterTenSwapsAndTwoPolicies_GivesTheSameVerdicts()
    {
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var station = new Station(Configurations.Tiles(mosquitto.Port, Configurations.Free("cam1", Configurations.TileSource(1), 10)));
        await station.StartAsync("Training:AfterLabels=100000", "Sampling:MaxPerMinute=6000");
        var models = await TwoModelsAsync(station);
        for (var swap = 0; swap < Swaps; swap++)
        {
            await station.PostAsync($"/api/v1/models/{models[swap % 2]}/promote", By());
            await station.InspectAsync(await station.InspectedAsync() + 15);
            if (swap % 5 == 4) await ChangePolicyAsync(station, 0.6 + swap / 30.0);
        }

        await station.InspectAsync(await station.InspectedAsync() + 15);
        Assert.Equal(0, await station.Program.TerminateAsync());
        var judged = StationRecords.Read(station.State).Verdicts.Where(v => v.Node["policy"] is not null).ToList();
        var kept = (await JournalFiles.FactsAsync(station.State)).OfKind("sample").Select(f => (string)f["sample"]!).ToHashSet(StringComparer.Ordinal);
        var chosen = judged.Where(v => kept.Contains(v.Id.ToString())).ToList();
        var random = new Random(5);
        var picked = Enumerable.Range(0, Replayed).Select(_ => chosen[random.Next(chosen.Count)]).ToList();
        var (code, said) = await RunningProgram.RunAsync(Repository.Appliance, ["replay", .. picked.Select(v => v.Id.ToString()), "--state", station.State, "--json"]);
        var results = said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!).ToList();
        Assert.True(code == 0, string.Join('\n', results.Where(r => (string)r["outcome"]! != "Identical")));
        Assert.Equal(Replayed, results.Count(r => (string)r["outcome"]! == "Identical"));
        var (used, policies) = (results.Select(r => (string)r["model"]!).Distinct().Count(), results.Select(r => (string)r["policy"]!).Distinct().Count());
        output.WriteLine($"{results.Count} verdicts of {used} models and {policies} policies replayed, all identical");
        Assert.True(used == 2 && policies >= 3, $"{used} models, {policies} policies");
        await AssertGoneAsync(station, results);
    }

    /// <summary>What is not there any more is said, each for its own reason.</summary>
    private static async Task AssertGoneAsync(Station station, List<JsonNode> results)
    {
        string Picture(JsonNode result) => Directory.EnumerateFiles(Path.Combine(station.State, "pictures"), (string)result["picture"]! + ".*", SearchOption.AllDirectories).Single();
        var (altered, deleted) = (results[0], results.First(r => (string)r["picture"]! != (string)results[0]["picture"]!));
        var bytes = await File.ReadAllBytesAsync(Picture(altered));
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(Picture(altered), bytes);
        File.Delete(Picture(deleted));
        await AssertSaysAsync(altered, "was altered");
        await AssertSaysAsync(deleted, "picture is gone");
        var (code, said) = await RunningProgram.RunAsync(Repository.Appliance, "replay", "9-9", "--state", station.State);
        Assert.True(code == 1 && said.Contains("no such verdict", StringComparison.Ordinal), said);
        var other = results.First(r => (string)r["picture"]! != (string)altered["picture"]! && (string)r["picture"]! != (string)deleted["picture"]!);
        Directory.Delete(Path.Combine(station.State, "models", (string)other["model"]!), recursive: true);
        await AssertSaysAsync(other, "There is no model");

        async Task AssertSaysAsync(JsonNode result, string reason)
        {
            var (code, said) = await RunningProgram.RunAsync(Repository.Appliance, "replay", (string)result["inspection"]!, "--state", station.State);
            Assert.True(code == 1 && said.Contains(reason, StringComparison.Ordinal), said);
        }
    }

    private static JsonObject By() => new() { ["by"] = "anna", ["why"] = "a test" };

    private static async Task ChangePolicyAsync(Station station, double threshold)
    {
        var policy = (await station.GetAsync("/api/v1/policy"))["policy"]!.DeepClone();
        foreach (var name in policy["thresholds"]!.AsObject().Select(t => t.Key).ToList()) policy["thresholds"]![name] = threshold;
        var change = By();
        change["policy"] = policy;
        await station.PostAsync("/api/v1/policy", change);
        await station.InspectAsync(await station.InspectedAsync() + 15);
    }

    private static async Task<List<string>> TwoModelsAsync(Station station)
    {
        await station.InspectAsync(150);
        List<string> models = [];
        foreach (var count in new[] { 80, 140 })
        {
            foreach (var sample in (await station.GetAsync($"/api/v1/samples?limit={count}"))["samples"]!.AsArray())
            {
                var label = TileLabels.Shows(sample!) == TileLabels.Free ? "free" : "defect";
                await station.PostAsync($"/api/v1/samples/{sample!["sample"]}/label", new JsonObject { ["label"] = label, ["by"] = "anna" });
            }

            await station.CommandAsync("train", "--by", "anna");
            // The one that is not live first: a promotion over itself is refused.
            models = [.. (await station.GetAsync("/api/v1/models"))["models"]!.AsArray().OrderBy(m => (bool)m!["live"]!).Select(m => (string)m!["model"]!)];
        }

        Assert.Equal(2, models.Count);
        return models;
    }
}
