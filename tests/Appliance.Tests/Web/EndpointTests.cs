using System.Net;
using System.Text.Json.Nodes;
using Appliance.Samples;
using Microsoft.Extensions.DependencyInjection;
using OpenCvSharp;

namespace Appliance.Tests.Web;

/// <summary>A day at the station over HTTP.</summary>
public sealed class EndpointTests(WebStation station) : IClassFixture<WebStation>
{
    private static CancellationToken Cancellation => Until.Cancellation;

    [Fact]
    public async Task Triggers_AnIdTwice_IsOneInspection()
    {
        var first = await station.PostAsync("/api/v1/triggers", """{"id":"twice","part":"p1"}""");
        var again = await station.PostAsync("/api/v1/triggers", """{"id":"twice","part":"p1"}""");
        Assert.Equal(first.ToJsonString(), again.ToJsonString());
        // The reason depends on whether another test has made a model live by then.
        Assert.Equal(("UNSURE", "p1", "twice"), ((string)first["verdict"]!, (string)first["part"]!, (string)first["trigger"]!));
    }

    [Fact]
    public async Task Triggers_Verdict_IsTheJournalsRecord()
    {
        foreach (var time in new[] { "first", "repeated" })
        {
            using var response = await station.Http.PostAsync("/api/v1/triggers", WebStation.Json("""{"id":"as-recorded"}"""), Cancellation);
            var answer = await response.Content.ReadAsByteArrayAsync(Cancellation);
            Assert.True(station.Services.GetRequiredService<Appliance.Journal.StationJournal>().TryFindVerdict("as-recorded", out _, out var record), time);
            Assert.Equal(record, answer);
        }
    }

    [Fact]
    public async Task Samples_Paged_ComeNewestFirstAndEachOnce()
    {
        for (var i = 0; i < 7; i++) await InspectAsync("paged");
        var seen = new List<string>();
        for (string? before = null; ;)
        {
            var page = (await station.GetAsync($"/api/v1/samples?limit=3&part=paged{(before is null ? "" : "&before=" + before)}"))["samples"]!.AsArray();
            if (page.Count == 0) break;
            Assert.InRange(page.Count, 1, 3);
            seen.AddRange(page.Select(s => (string)s!["sample"]!));
            before = seen[^1];
        }

        Assert.Equal(7, seen.Distinct().Count());
        Assert.Equal(seen.OrderByDescending(s => int.Parse(s.Split('-')[1], System.Globalization.CultureInfo.InvariantCulture)), seen);
    }

    [Theory]
    [InlineData("/api/v1/samples?part=linked&limit=2", "samples", 5)]
    [InlineData("/api/v1/samples?unlabelled=true&order=newest&limit=2", "samples", 5)]
    [InlineData("/api/v1/models?limit=2", "history", 5)]
    [InlineData("/api/v1/training?limit=1", "rounds", 2)]
    public async Task Pages_FollowedByNext_GiveEachOnceAndEnd(string address, string list, int atLeast)
    {
        for (var i = 0; i < 5; i++) await InspectAsync("linked");
        var live = station.Services.GetRequiredService<Appliance.Models.LiveModel>();
        var models = new[] { station.Bench.AddModel(3), station.Bench.AddModel(4) };
        for (var i = 0; i < 6; i++) await live.PromoteAsync(models[i % 2], "anna", "a test", Cancellation);
        for (var i = 0; i < 2; i++) await TrainAsync();
        var seen = new List<string>();
        for (string? next = address; next is not null;)
        {
            var page = await station.GetAsync(next);
            seen.AddRange(page[list]!.AsArray().Select(e => e!.ToJsonString()));
            next = (string?)page["next"];
            Assert.InRange(seen.Count, 1, 10_000);
        }

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.InRange(seen.Count, atLeast, 10_000);
    }

    [Theory]
    [InlineData("/api/v1/models?before=yesterday", "it takes what 'next' of a page says")]
    [InlineData("/api/v1/training?before=1/2/3", "it takes what 'next' of a page says")]
    [InlineData("/api/v1/training?limit=0", "limit is 0")]
    public async Task Pages_ThatAreNone_AreABadRequest(string address, string expected) =>
        Assert.Contains(expected, await WebStation.ProblemAsync(await station.Http.GetAsync(address, Cancellation), HttpStatusCode.BadRequest), StringComparison.Ordinal);

    [Fact]
    public async Task Picture_OfASample_IsTheFrameAsKept()
    {
        var sample = await InspectAsync("pictured");
        using var response = await station.Http.GetAsync((string)sample["picture"]!, Cancellation);
        Assert.Equal("image/png", response.Content.Headers.ContentType!.MediaType);
        using var picture = Cv2.ImDecode(await response.Content.ReadAsByteArrayAsync(Cancellation), ImreadModes.Color);
        Assert.False(picture.Empty());
    }

    [Fact]
    public async Task Picture_ThatWasDeleted_Is404AndTheSampleStays()
    {
        var sample = await InspectAsync("deleted");
        var index = station.Services.GetRequiredService<SampleIndex>();
        var kept = index.ById((string)sample["sample"]!)!.Kept;
        File.Delete(station.Services.GetRequiredService<PictureStore>().PathOf(kept.Picture, kept.Extension));
        Assert.Contains("is gone", await WebStation.ProblemAsync(await station.Http.GetAsync((string)sample["picture"]!, Cancellation), HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Label_ThenAnother_KeepsTheHistory()
    {
        var id = (string)(await InspectAsync("labelled"))["sample"]!;
        await station.PostAsync($"/api/v1/samples/{id}/label", """{"label":"scratch","by":"anna"}""");
        var fact = await station.PostAsync($"/api/v1/samples/{id}/label", """{"label":"ok","by":"bert"}""");
        Assert.Equal("scratch", (string)fact["before"]!);
        var sample = await station.GetAsync($"/api/v1/samples/{id}");
        Assert.Equal(("ok", "bert", 2), ((string)sample["label"]!, (string)sample["labelledBy"]!, sample["history"]!.AsArray().Count));
        var open = (await station.GetAsync("/api/v1/samples?unlabelled=true&limit=500"))["samples"]!.AsArray();
        Assert.DoesNotContain(open, s => (string)s!["sample"]! == id);
    }

    [Fact]
    public async Task Models_PromotedAndRolledBack_AreListedWithTheirHistory()
    {
        var (first, second) = (station.Bench.AddModel(1), station.Bench.AddModel(2));
        var live = station.Services.GetRequiredService<Appliance.Models.LiveModel>();
        await live.PromoteAsync(first, "anna", "first", Cancellation);
        await live.PromoteAsync(second, "anna", "second", Cancellation);
        Assert.Equal(first, (string)(await station.PostAsync("/api/v1/models/rollback", """{"by":"anna","why":"escapes"}"""))["model"]!);
        var page = await station.GetAsync("/api/v1/models");
        Assert.Equal(first, (string)page["models"]!.AsArray().Single(m => (bool)m!["live"]!)!["model"]!);
        Assert.Equal("rollback: escapes", (string)page["history"]![0]!["why"]!);
        Assert.Equal(["ok", "scratch"], (await station.GetAsync("/api/v1/models/" + second))["model"]!["classes"]!.AsArray().Select(c => (string)c!));

        // A package that breaks on disk is a refusal, and the live model stays.
        await live.PromoteAsync(second, "anna", "again", Cancellation);
        await File.AppendAllTextAsync(Path.Combine(station.State, "models", first, "head.onnx"), "x", Cancellation);
        Assert.Contains("altered", await WebStation.ProblemAsync(
            await station.Http.PostAsync("/api/v1/models/rollback", WebStation.Json("""{"by":"anna","why":"x"}"""), Cancellation), HttpStatusCode.Conflict), StringComparison.Ordinal);
        Assert.Single((await station.GetAsync("/api/v1/models"))["broken"]!.AsArray());
    }

    [Fact]
    public async Task Training_AskedFor_EndsAsARoundWithItsReason()
    {
        var page = await TrainAsync();
        Assert.Equal("failed", (string)page["rounds"]![0]!["outcome"]!);
        Assert.Contains("does not exist", (string)page["rounds"]![0]!["reason"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_OfAStation_SaysWhatItDoes()
    {
        await InspectAsync("status");
        var status = await station.GetAsync("/api/v1/status");
        Assert.Equal(("s1", "pool"), ((string)status["station"]!, (string)status["backbone"]!));
        Assert.True((long)status["inspections"]!["inspections"]! > 0);
        Assert.Equal("c1", (string)status["cameras"]![0]!["name"]!);
    }

    [Fact]
    public async Task Line_Paused_RefusesTriggersAndSaysSo()
    {
        await station.PostAsync("/api/v1/line/pause", """{"by":"anna","why":"tool change"}""");
        var detail = await WebStation.ProblemAsync(await station.Http.PostAsync("/api/v1/triggers", WebStation.Json("{}"), Cancellation), HttpStatusCode.Conflict);
        Assert.Contains("paused by anna (tool change)", detail, StringComparison.Ordinal);
        Assert.Equal("paused", (string)(await station.GetAsync("/api/v1/status"))["state"]!);
        Assert.False((bool)(await station.PostAsync("/api/v1/line/resume", """{"by":"bert"}"""))["paused"]!);
        await InspectAsync("resumed");
        Assert.Equal("running", (string)(await station.GetAsync("/api/v1/status"))["state"]!);
    }

    [Fact]
    public async Task Stop_WhileATriggerWaitsForItsPicture_AnswersItAndEnds()
    {
        await using var other = new WebStation();
        var folder = Directory.CreateDirectory(other.Bench.PathOf("pictures")).FullName;
        other.Bench.Options.Cameras = [new() { Name = "c1", Source = $"folder:{folder}?watch=true", Mode = Appliance.Capture.CameraMode.Trigger }];
        await other.InitializeAsync();
        var waiting = other.Http.PostAsync("/api/v1/triggers", WebStation.Json("""{"id":"waits"}"""), Cancellation);
        var journal = other.Services.GetRequiredService<Appliance.Journal.StationJournal>();
        await Until.HoldsAsync(() => journal.Triggers.TryFind("waits", out _));
        await other.StopAsync();
        Assert.Contains("'waits' is accepted", await WebStation.ProblemAsync(await waiting, HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
    }

    /// <summary>One round, and the page once it is over.</summary>
    private async Task<JsonNode> TrainAsync()
    {
        var asked = await station.PostAsync("/api/v1/training", """{"by":"anna"}""");
        var page = await station.GetAsync("/api/v1/training");
        await Until.HoldsAsync(() => (int)page["now"]!["rounds"]! >= (int)asked["answer"]!, async () => page = await station.GetAsync("/api/v1/training"));
        return page;
    }

    /// <summary>One inspection, and its sample once it is kept.</summary>
    private async Task<JsonNode> InspectAsync(string part)
    {
        var verdict = await station.PostAsync("/api/v1/triggers", $$"""{"part":"{{part}}"}""");
        var id = $"{verdict["epoch"]}-{verdict["sequence"]}";
        JsonNode? sample = null;
        await Until.HoldsAsync(() => sample is not null, async () =>
        {
            using var response = await station.Http.GetAsync("/api/v1/samples/" + id, Cancellation);
            if (response.IsSuccessStatusCode) sample = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        });
        return sample!;
    }
}
