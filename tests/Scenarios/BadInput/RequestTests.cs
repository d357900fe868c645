using System.Net;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.BadInput;

/// <summary>Requests that cannot be obeyed: refused with a sentence, and the line goes on.</summary>
public sealed class RequestTests
{
    [Fact]
    public async Task Requests_ThatCannotBeObeyed_AreRefusedWithTheReason()
    {
        await using var station = new Station(Configurations.Embedded(
            Configurations.Free("cam1", "sim:plates", 10), Configurations.Triggered("cam2", "sim:plates?seed=2")));
        await station.StartAsync();
        await station.InspectAsync(5);
        var samples = (await station.UntilAsync(
            "/api/v1/samples?limit=2", s => s["samples"]!.AsArray().Count == 2, TimeSpan.FromSeconds(20), "two samples"))["samples"]!;
        var (sample, other) = ((string)samples[0]!["sample"]!, (string)samples[1]!["sample"]!);

        await station.PostAsync($"/api/v1/samples/{sample}/label", Label("scratch", "anna"));
        await RefusedAsync(station, $"/api/v1/samples/{other}/label", Label("Scratch", "anna"), HttpStatusCode.BadRequest, "by case only");
        await RefusedAsync(station, $"/api/v1/samples/{sample}/label", Label("scratch", ""), HttpStatusCode.BadRequest, "is empty");
        await RefusedAsync(station, "/api/v1/samples/999-1/label", Label("scratch", "anna"), HttpStatusCode.NotFound, "There is no sample '999-1'");
        await RefusedAsync(station, "/api/v1/triggers", new() { ["id"] = "t1" }, HttpStatusCode.BadRequest, "must name one of");
        await RefusedAsync(station, "/api/v1/triggers", new() { ["camera"] = "cam9" }, HttpStatusCode.BadRequest, "There is no camera 'cam9'");
        await RefusedAsync(station, "/api/v1/models/rollback", new() { ["by"] = "anna", ["why"] = "a test" }, HttpStatusCode.Conflict, "no model before");
        await RefusedAsync(station, "/api/v1/training", new() { ["by"] = "" }, HttpStatusCode.BadRequest, "'by' is empty");

        var (label, said) = await station.CommandAsync("label", "999-1", "scratch", "--by", "anna");
        Assert.Equal(1, label);
        Assert.Contains("There is no sample '999-1'", said, StringComparison.Ordinal);
        Assert.Equal(0, await station.Program.TerminateAsync());
        Assert.All(await JournalFiles.VerdictsAsync(station.State), v => Assert.Null(v.Trigger));
    }

    [Fact]
    public async Task Commands_WithoutAService_SayHowToStartIt()
    {
        var (code, output) = await RunningProgram.RunAsync(Repository.Appliance, "status", "--url", $"http://127.0.0.1:{FreePort.Find()}");

        Assert.Equal(1, code);
        Assert.Contains("Start it with 'appliance run'", output, StringComparison.Ordinal);
    }

    private static JsonObject Label(string label, string by) => new() { ["label"] = label, ["by"] = by };

    private static async Task RefusedAsync(Station station, string path, JsonObject body, HttpStatusCode status, string reason)
    {
        using var response = await station.TryPostAsync(path, body, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(status, response.StatusCode);
        Assert.Contains(reason, (string)JsonNode.Parse(text)!["detail"]!, StringComparison.Ordinal);
    }
}
