using System.Buffers.Binary;
using System.Net;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Models;

/// <summary>Who may change what judges: policies and models that would let bad parts through, two who change it at once, a candidate beside the live model. A real service, trainer and model.</summary>
public sealed class ModelChangeTests
{
    private const string NoRounds = "Training:AfterLabels=100000";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Policy_ThatStopsNothing_OrPassesAMustCatchSample_IsRefusedAlsoWhenItsPictureIsGone()
    {
        await using var station = await TrainedAsync();
        // Everybody was wrong: what was called a defect is free, and the only defects are parts that the live model passes and has not seen.
        foreach (var sample in (await station.GetAsync($"/api/v1/samples?limit=500&label={TileLabels.Defect}"))["samples"]!.AsArray()) await LabelAsync(station, sample!, TileLabels.Free);
        var passed = await station.UntilAsync("/api/v1/samples?limit=500&verdict=OK", p => p["samples"]!.AsArray().Count(s => s!["label"] is null) >= 8, Limit, "8 parts passed and kept");
        var escapes = passed["samples"]!.AsArray().Where(s => s!["label"] is null).Take(8).ToList();
        foreach (var sample in escapes) await LabelAsync(station, sample!, TileLabels.Defect);
        var live = await station.GetAsync("/api/v1/policy");
        Assert.True((int)live["parts"]!["bad"]! > 0, live["parts"]!.ToJsonString());
        Assert.Contains("labelled bad parts as good", await RefusedAsync(station, Loosened(live, 0.01)), StringComparison.Ordinal);

        // Caught now: the sample that comes back from the customer goes on the list. Of the others enough are relabelled for the rule above to let a policy pass.
        foreach (var sample in escapes.Skip(1)) await LabelAsync(station, sample!, TileLabels.Free);
        var escape = (string)escapes[0]!["sample"]!;
        var (code, said) = await station.CommandAsync("mustcatch", "add", escape, "--by", "anna", "--why", "came back from the customer");
        Assert.True(code == 0, said);
        await LabelAsync(station, escapes[0]!, TileLabels.Free);
        Assert.Contains($"must-catch samples as good: {escape}", await RefusedAsync(station, Loosened(live, 0.02)), StringComparison.Ordinal);

        var kept = (await JournalFiles.FactsAsync(station.State)).OfKind("sample").Single(f => (string)f["sample"]! == escape);
        File.Delete(Directory.EnumerateFiles(Path.Combine(station.State, "pictures"), (string)kept["picture"]! + ".*", SearchOption.AllDirectories).Single());
        Assert.Contains("its picture is gone; its embedding is enough", (await station.CommandAsync("mustcatch", "list")).Output, StringComparison.Ordinal);
        Assert.Contains($"must-catch samples as good: {escape}", await RefusedAsync(station, Loosened(live, 0.02)), StringComparison.Ordinal);

        await DamageRowAsync(station, kept);
        Assert.Contains($"cannot be judged: {escape} (its embedding is gone or damaged", await RefusedAsync(station, Loosened(live, 0.02)), StringComparison.Ordinal);
        var overriding = Loosened(live, 0.02);
        overriding["overrideMustCatch"] = true;
        await station.PostAsync("/api/v1/policy", overriding);
        var fact = (await JournalFiles.FactsAsync(station.State)).OfKind("promotion").Last();
        Assert.Equal(("bert", "policy: a test", escape), ((string)fact["by"]!, (string)fact["why"]!, (string)Assert.Single(fact["overridden"]!.AsArray())!));
    }

    [Fact]
    public async Task Policy_AppliedWhileRoundsAreInTheirGate_IsNeverUndoneByOne()
    {
        await using var station = await TrainedAsync();
        var samples = (await station.GetAsync("/api/v1/samples?limit=300"))["samples"]!.AsArray().Where(s => s!["label"] is null).ToList();
        var (taken, refused, byGate) = (0, 0, 0);
        // Until a head went live under a policy that a person set; not every one is better than the last.
        for (var round = 0; round < 8 && byGate == 0; round++)
        {
            foreach (var sample in samples.Skip(round * 12).Take(12)) await LabelAsync(station, sample!, TileLabels.Shows(sample!));
            var asked = await station.PostAsync("/api/v1/training", new JsonObject { ["by"] = "anna" });
            // As many changes as go in until the round is in its gate, and one more there.
            for (var (change, gate) = (0, false); !gate; change++)
            {
                var now = (await station.GetAsync("/api/v1/training"))["now"]!;
                gate = (string)now["phase"]! == "gate" || (int)now["rounds"]! >= (int)asked["answer"]!;
                using var answer = await station.TryPostAsync("/api/v1/policy", Loosened(await station.GetAsync("/api/v1/policy"), 0.5 + (round * 1000 + change) / 100_000.0), Cancellation);
                if (answer.StatusCode == HttpStatusCode.OK) taken++;
                else if (answer.StatusCode == HttpStatusCode.Conflict) refused++;
                else Assert.Fail(await answer.Content.ReadAsStringAsync(Cancellation));
            }

            await station.UntilAsync("/api/v1/training", t => (int)t["now"]!["rounds"]! >= (int)asked["answer"]!, Limit, "the end of the round");
            byGate = await AssertNothingUndoneAsync(station);
        }

        Assert.True(taken > 0 && byGate > 0, $"{taken} policies taken, {byGate} heads promoted after one");
        TestContext.Current.TestOutputHelper?.WriteLine($"{taken} policies taken, {refused} refused, {byGate} heads promoted with the policy of the day");
    }

    [Fact]
    public async Task Shadow_KilledMidway_GoesOnAndEndsOnceWithItsFigures()
    {
        await using var station = await TrainedAsync();
        var first = (string)(await station.GetAsync("/api/v1/status"))["model"]!;
        foreach (var sample in (await station.GetAsync("/api/v1/samples?limit=60"))["samples"]!.AsArray().Where(s => s!["label"] is null)) await LabelAsync(station, sample!, TileLabels.Shows(sample!));
        await station.CommandAsync("train", "--by", "anna");
        var models = (await station.GetAsync("/api/v1/models"))["models"]!.AsArray();
        var candidate = (string)models.First(m => !(bool)m!["live"]!)!["model"]!;
        var live = (string)(await station.GetAsync("/api/v1/status"))["model"]!;
        Assert.True(models.Count >= 2, $"one model only: {first}");
        var (code, said) = await station.CommandAsync("models", "shadow", candidate[..12], "--inspections", "40", "--by", "anna", "--why", "new lamp");
        Assert.True(code == 0 && said.Contains("for 40 inspections", StringComparison.Ordinal), said);
        await station.UntilAsync("/api/v1/status", s => (long?)s["shadow"]?["judged"] > 5, Limit, "a shadow that judges");
        station.Program.Kill();
        await station.Program.ExitAsync(Limit);
        await station.StartAsync(NoRounds);
        Assert.Equal(candidate, (string)(await station.GetAsync("/api/v1/models/shadow"))["now"]!["begun"]!["model"]!);
        var page = await station.UntilAsync("/api/v1/models/shadow", p => p["now"] is null && p["ended"]!.AsArray().Count > 0, Limit, "the end of the period");
        var figures = page["ended"]![0]!["figures"]!;
        Assert.Equal(("over", 40L), ((string)page["ended"]![0]!["outcome"]!, (long)figures["judged"]!));
        Assert.Equal(40, (long)figures["agreed"]! + figures["changed"]!.AsObject().Sum(c => (long)c.Value!));
        Assert.Equal(live, (string)(await station.GetAsync("/api/v1/status"))["model"]!);
        Assert.Contains("a person decides", (await station.CommandAsync("models", "shadow")).Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("labelled parts that neither has seen", (await station.CommandAsync("models", "compare", live[..12], candidate[..12])).Output, StringComparison.Ordinal);
        Assert.Equal(0, await station.Program.TerminateAsync());
        var facts = await JournalFiles.FactsAsync(station.State);
        Assert.Equal((1, 1), (facts.OfKind("shadow").Count(), facts.OfKind("shadowEnded").Count()));
        await JournalFiles.AssertIntactAsync(station.State);
    }

    /// <summary>Each promotion is of what stood before it, and the gate's have the thresholds that a person set last. How many of those there are.</summary>
    private static async Task<int> AssertNothingUndoneAsync(Station station)
    {
        string? standing = null;
        var (byGate, before) = (0, "");
        foreach (var promotion in (await JournalFiles.FactsAsync(station.State)).OfKind("promotion"))
        {
            Assert.Equal(before, (string?)promotion["before"] ?? "");
            before = (string)promotion["model"]!;
            var thresholds = promotion["content"]?["thresholds"]?.ToJsonString();
            if ((string)promotion["by"]! == "bert") standing = thresholds;
            else if (standing is not null)
            {
                byGate++;
                Assert.Equal(standing, thresholds);
            }
        }

        return byGate;
    }

    /// <summary>A station in free run that has learnt from 100 labels.</summary>
    private static async Task<Station> TrainedAsync()
    {
        var station = new Station(Configurations.Embedded(Configurations.Free("cam1", Configurations.TileSource(1), 20)));
        try
        {
            var configuration = JsonNode.Parse(await File.ReadAllTextAsync(station.Config))!;
            configuration["GoodClass"] = TileLabels.Free;
            configuration["Sampling"] = new JsonObject { ["OkShare"] = 1, ["MaxPerMinute"] = 6000 };
            await File.WriteAllTextAsync(station.Config, configuration.ToJsonString());
            await station.StartAsync(NoRounds);
            await station.UntilAsync("/api/v1/samples?limit=500", p => p["samples"]!.AsArray().Count >= 120, Limit, "120 samples");
            await TileLabels.LabelAsync(station, (await station.GetAsync("/api/v1/samples?limit=100"))["samples"]!);
            var (code, said) = await station.CommandAsync("train", "--by", "anna");
            Assert.True(code == 0 && said.Contains("promoted", StringComparison.Ordinal), said);
            return station;
        }
        catch
        {
            await station.DisposeAsync();
            throw;
        }
    }

    private static Task<JsonNode> LabelAsync(Station station, JsonNode sample, string label) =>
        station.PostAsync($"/api/v1/samples/{sample["sample"]}/label", new JsonObject { ["label"] = label, ["by"] = "anna" });

    private static JsonObject Loosened(JsonNode live, double threshold)
    {
        var policy = live["policy"]!.DeepClone();
        foreach (var name in policy["thresholds"]!.AsObject().Select(t => t.Key).ToList()) policy["thresholds"]![name] = threshold;
        policy["unsureBand"] = 0;
        policy["unseenLimit"] = 1000;
        return new() { ["policy"] = policy, ["by"] = "bert", ["why"] = "a test" };
    }

    private static async Task<string> RefusedAsync(Station station, JsonObject change)
    {
        using var answer = await station.TryPostAsync("/api/v1/policy", change, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.Conflict, text);
        return (string)JsonNode.Parse(text)!["detail"]!;
    }

    private static async Task DamageRowAsync(Station station, JsonNode kept)
    {
        await using var file = new FileStream(Path.Combine(station.State, "embeddings", (string)kept["embeddingIdentity"]! + ".emb"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var header = new byte[64];
        await file.ReadExactlyAsync(header, Cancellation);
        var stride = 16 + 2 * BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(12));
        file.Position = 64 + (long)kept["row"]! * stride + 20;
        var value = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ 0x55));
    }
}
