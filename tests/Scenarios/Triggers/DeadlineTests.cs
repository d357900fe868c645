using System.Net;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Triggers;

/// <summary>A camera that has no picture when it should: every trigger is answered all the same, once.</summary>
public sealed class DeadlineTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Mosquitto mosquitto = new();
    private readonly string pictures = Directory.CreateTempSubdirectory("pictures-").FullName;
    private Station? station;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await mosquitto.StartAsync();
        station = new Station(Configurations.External(mosquitto.Port, Configurations.Triggered("cam1", $"folder:{pictures}?watch=true")));
        await station.StartAsync();
        await station.UntilAsync("/api/v1/status", s => (bool)s["outbox"]!["connected"]!, Limit, "connected");
    }

    public async ValueTask DisposeAsync()
    {
        if (station is not null) await station.DisposeAsync();
        await mosquitto.DisposeAsync();
        Directory.Delete(pictures, recursive: true);
    }

    [Fact]
    public async Task Trigger_PictureAfterItsDeadline_IsFaultThatStaysAndTheResultIsCounted()
    {
        await using var plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
        await plc.UntilAsync("\"online\":true", Limit);
        await using var controller = mosquitto.Publisher("inspection/line/trigger");
        await controller.WriteLineAsync("""{"id":"t-1","part":"p-1","deadlineMs":500}""");
        await plc.UntilAsync("/verdicts/cam1 ", Limit);
        var heard = plc.Lines.Single(l => l.Contains("/verdicts/", StringComparison.Ordinal));
        var fault = VerdictLine.Parse(heard[heard.IndexOf('{', StringComparison.Ordinal)..]);
        Assert.Equal(("FAULT", "deadline", "p-1"), (fault.Kind, (string)fault.Node["reason"]!, fault.Part));

        await ShowAsync("late.jpg");
        var status = await station!.UntilAsync("/api/v1/status", s => (long)s["inspections"]!["late"]! == 1, Limit, "the late result is counted");
        Assert.Equal((1, 1), ((long)status["inspections"]!["deadline"]!, (long)status["inspections"]!["inspections"]!));

        await controller.WriteLineAsync("""{"id":"t-1","deadlineMs":60000}""");
        await plc.UntilAsync(fault.Json, Limit, 2);
        var asked = await station.PostAsync("/api/v1/triggers", new JsonObject { ["id"] = "t-1" });
        Assert.All(asked.AsObject().Where(m => m.Value is not null), m => Assert.Equal(fault.Node[m.Key]?.ToJsonString(), m.Value!.ToJsonString()));
        Assert.Equal(fault.Json, Assert.Single(await JournalFiles.VerdictsAsync(station.State)).Json);
    }

    [Fact]
    public async Task Trigger_ByHttp_IsAnsweredAtItsDeadlineAndTheNextOneJudged()
    {
        var fault = await station!.PostAsync("/api/v1/triggers", new JsonObject { ["id"] = "t-1", ["deadlineMs"] = 300 });
        Assert.Equal(("FAULT", "deadline"), ((string)fault["verdict"]!, (string)fault["reason"]!));
        var next = station.PostAsync("/api/v1/triggers", new JsonObject { ["id"] = "t-2", ["deadlineMs"] = 60_000 });
        await ShowAsync("a.jpg");
        await ShowAsync("b.jpg");
        Assert.Equal("UNSURE", (string)(await next)["verdict"]!);
    }

    [Fact]
    public async Task Stop_WithTriggersThatWait_GivesEachItsVerdictBeforeTheEnd()
    {
        await using var controller = mosquitto.Publisher("inspection/line/trigger");
        for (var i = 0; i < 20; i++) await controller.WriteLineAsync($$"""{"id":"t-{{i}}","deadlineMs":600000}""");
        await station!.UntilAsync("/api/v1/status", s => (long)s["commands"]!["accepted"]! == 20, Limit, "20 triggers are accepted");

        Assert.Equal(0, await station.Program.TerminateAsync());

        var verdicts = await JournalFiles.VerdictsAsync(station.State);
        Assert.Equal(20, verdicts.Select(v => v.Trigger).Distinct().Count());
        Assert.All(verdicts, v => Assert.Equal((1u, "FAULT"), (v.Id.Epoch, v.Kind)));
    }

    [Fact]
    public async Task Pause_OverARestart_RefusesAtOnceUntilResumed()
    {
        Assert.Equal(0, (await station!.CommandAsync("pause", "--by", "anna", "--why", "tool change")).Code);
        Assert.Equal(0, await station.Program.TerminateAsync());
        await station.StartAsync();
        var (_, said) = await station.CommandAsync("status");
        Assert.Contains("paused: The line is paused by anna: tool change.", said, StringComparison.Ordinal);
        using (var refused = await station.TryPostAsync("/api/v1/triggers", new JsonObject { ["id"] = "t-1" }, Cancellation)) Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal(0, (await station.CommandAsync("resume", "--by", "anna")).Code);
        await ShowAsync("a.jpg");
        Assert.Equal("t-1", (string)(await station.PostAsync("/api/v1/triggers", new JsonObject { ["id"] = "t-1", ["deadlineMs"] = 60_000 }))["trigger"]!);
        Assert.Equal([true, false], (await JournalFiles.FactsAsync(station.State)).OfKind("line").Select(f => (bool)f["paused"]!));
    }

    /// <summary>Puts a picture into the folder, whole at once.</summary>
    private async Task ShowAsync(string name)
    {
        var picture = Directory.GetFiles(Path.Combine(Repository.MagneticTile(), "free"), "*.jpg").Order(StringComparer.Ordinal).First();
        var part = Path.Combine(Directory.GetParent(pictures)!.FullName, Guid.NewGuid().ToString("n"));
        await File.WriteAllBytesAsync(part, await File.ReadAllBytesAsync(picture, Cancellation), Cancellation);
        File.Move(part, Path.Combine(pictures, name));
    }
}
