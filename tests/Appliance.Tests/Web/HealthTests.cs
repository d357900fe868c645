using System.Net;
using System.Text.Json.Nodes;

namespace Appliance.Tests.Web;

/// <summary>What a watcher over many stations asks.</summary>
public sealed class HealthTests(WebStation station) : IClassFixture<WebStation>
{
    private static readonly string[] Parts = ["camera", "pipeline", "broker", "disk", "model", "index"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Healthz_AStationThatRuns_IsAlive() => Assert.True((bool)(await station.GetAsync("/healthz"))["alive"]!);

    [Fact]
    public async Task Readyz_FirstWithoutAModelThenWithOneThenPausedThenOnAFullDisk_SaysWhichPartAndWhy()
    {
        // Camera and broker come by themselves.
        var view = await UntilAsync(v => Ok(v, "camera") && Ok(v, "broker"));
        Assert.Equal(["model"], NotWell(view));
        Assert.Contains("no live model yet", (string)view["model"]!["reason"]!, StringComparison.Ordinal);

        await station.PostAsync($"/api/v1/models/{station.Bench.AddModel()}/promote", """{"by":"anna","why":"first"}""");
        view = await UntilAsync(v => (bool)v["ready"]!);
        Assert.All(Parts, part => Assert.Null(view[part]!["reason"]));

        await station.PostAsync("/api/v1/line/pause", """{"by":"anna","why":"tool change"}""");
        view = await UntilAsync(v => !(bool)v["ready"]!);
        Assert.Equal(["pipeline"], NotWell(view));
        Assert.Equal("The line is paused; 'appliance status' says by whom.", (string)view["pipeline"]!["reason"]!);
        await station.PostAsync("/api/v1/line/resume", """{"by":"anna"}""");
        await UntilAsync(v => (bool)v["ready"]!);

        station.Bench.Options.Disk.MinFreeBytes = long.MaxValue / 2;
        view = await UntilAsync(v => !Ok(v, "disk"));
        Assert.Equal(["disk"], NotWell(view));
        Assert.Contains("bytes are free", (string)view["disk"]!["reason"]!, StringComparison.Ordinal);
        station.Bench.Options.Disk.MinFreeBytes = 0;
        await UntilAsync(v => Ok(v, "disk"));
    }

    [Fact]
    public async Task Health_WhereAKeyIsNeeded_IsToldWithoutOneAndFiguresAreNot()
    {
        await using var guarded = new WebStation();
        guarded.Bench.Options.Http.KeyOnLoopback = true;
        await guarded.InitializeAsync();
        Assert.True((bool)(await guarded.GetAsync("/healthz"))["alive"]!);
        using (var ready = await guarded.Http.GetAsync("/readyz", Cancellation)) Assert.NotNull(JsonNode.Parse(await ready.Content.ReadAsStringAsync(Cancellation))!["camera"]!["ok"]);
        using var figures = await guarded.Http.GetAsync("/metrics", Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, figures.StatusCode);
    }

    [Fact]
    public async Task Readyz_AfterAKillWithManyFacts_DoesNotWaitForTheIndexAndSaysHowFarItIs()
    {
        await using var killed = new WebStation();
        var sample = await killed.Bench.KeepAsync(1);
        killed.Bench.Index.Abandon();
        await killed.Bench.FillAsync(30_000);
        await killed.InitializeAsync();
        HashSet<string> said = [];
        var limit = Until.Cancellation;
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            using var response = await killed.Http.GetAsync("/readyz", limit);
            var view = JsonNode.Parse(await response.Content.ReadAsStringAsync(limit))!;
            if (Ok(view, "index")) break;
            said.Add((string)view["index"]!["reason"]!);
            Assert.True(Ok(view, "pipeline"));
            using var label = await killed.Http.PostAsync($"/api/v1/samples/{sample}/label", WebStation.Json("""{"label":"ok","by":"anna"}"""), limit);
            Assert.True(label.IsSuccessStatusCode || label.StatusCode == HttpStatusCode.ServiceUnavailable);
            await beat.WaitForNextTickAsync(limit);
        }

        Assert.All(said, reason => Assert.StartsWith("The index is made anew from the journal: it was not closed in order", reason, StringComparison.Ordinal));
        await killed.PostAsync($"/api/v1/samples/{sample}/label", """{"label":"ok","by":"anna"}""");
        Assert.Equal("ok", (string)(await killed.GetAsync($"/api/v1/samples/{sample}"))["label"]!);
    }

    private static bool Ok(JsonNode view, string part) => (bool)view[part]!["ok"]!;

    private static IEnumerable<string> NotWell(JsonNode view) => Parts.Where(p => !Ok(view, p));

    // 503 exactly while it says that it is not ready.
    private async Task<JsonNode> UntilAsync(Func<JsonNode, bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            using var response = await station.Http.GetAsync("/readyz", limit.Token);
            var view = JsonNode.Parse(await response.Content.ReadAsStringAsync(limit.Token))!;
            Assert.Equal((bool)view["ready"]! ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, response.StatusCode);
            if (condition(view)) return view;
            await beat.WaitForNextTickAsync(limit.Token);
        }
    }
}
