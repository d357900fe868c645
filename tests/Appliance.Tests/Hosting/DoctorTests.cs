using System.Text.Json.Nodes;
using Appliance.Tests.Journal;
using Appliance.Tests.Messaging;

namespace Appliance.Tests.Hosting;

/// <summary>appliance doctor, as a process, beside a stopped and a running service.</summary>
public sealed class DoctorTests : IAsyncLifetime
{
    private readonly ServiceProcess station = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => station.DisposeAsync();

    [Fact]
    public async Task Doctor_StoppedAndWhole_TriesEverythingAndLeavesNothing()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        var configuration = station.Configuration();
        configuration["Mqtt"] = new JsonObject { ["Broker"] = $"mqtt://127.0.0.1:{broker.Port}" };
        station.Write(configuration);
        Directory.CreateDirectory(station.State);
        var (code, findings) = await ExamineAsync();
        Assert.Equal(0, code);
        Assert.Equal("Ok", Of(findings, "service"));
        Assert.Contains("pixels", Seen(findings, "camera c1"), StringComparison.Ordinal);
        Assert.Contains("there and back in", Seen(findings, "broker"), StringComparison.Ordinal);
        Assert.Contains("pool at 8 x 6", Seen(findings, "backbone"), StringComparison.Ordinal);
        Assert.Contains("ms a sync, the median of 20", Seen(findings, "sync"), StringComparison.Ordinal);
        Assert.Contains("GB free", Seen(findings, "disk"), StringComparison.Ordinal);
        Assert.Contains("CPU", Seen(findings, "accelerator"), StringComparison.Ordinal);
        Assert.Equal("Warning", Of(findings, "model"));
        Assert.Contains(Seen(findings, "clock").Split(',', ':')[0], (string[])["synchronised", "not synchronised", "unknown"]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(station.State));
    }

    [Fact]
    public async Task Doctor_NothingIsThere_NamesEachWithWhatToDoAndEndsWith1()
    {
        var configuration = station.Configuration();
        configuration["Cameras"] = new JsonArray(new JsonObject { ["Name"] = "c1", ["Source"] = "rtsp://127.0.0.1:9/x", ["OpenTimeout"] = "00:00:02", ["ReadTimeout"] = "00:00:01" });
        configuration["Mqtt"] = new JsonObject { ["Broker"] = "mqtt://127.0.0.1:9" };
        configuration["Inspection"]!["Backbone"] = station.Config;
        configuration["Disk"]!["MinFreeBytes"] = 1L << 40;
        station.Write(configuration);
        Directory.CreateDirectory(station.State);
        var (code, findings) = await ExamineAsync();
        Assert.Equal(1, code);
        Assert.All(["camera c1", "broker", "backbone", "disk"], about => Assert.Equal("Failed", Of(findings, about)));
        Assert.Contains("connection refused", Seen(findings, "broker"), StringComparison.Ordinal);
        Assert.All(findings.Where(f => (string)f["outcome"]! != "Ok"), f => Assert.NotEmpty((string?)f["advice"] ?? ""));
    }

    [Fact]
    public async Task Doctor_BesideTheRunningService_AsksItAndTouchesNothingOfIt()
    {
        await station.StartAsync();
        await station.UntilAsync(async () => (await HealthAsync()) is var h && (bool)h["camera"]!["ok"]! && (bool)h["broker"]!["ok"]!, "camera and broker");
        var (code, findings) = await ExamineAsync();
        Assert.Equal(0, code);
        Assert.Contains($"runs as process {station.Id}", Seen(findings, "service"), StringComparison.Ordinal);
        Assert.Equal("the service gets pictures from all of them", Seen(findings, "cameras"));
        Assert.Equal("Warning", Of(findings, "model"));

        await station.PostAsync("/api/v1/line/pause", new() { ["by"] = "anna", ["why"] = "tool change" });
        (code, findings) = await ExamineAsync();
        Assert.Equal(1, code);
        Assert.Equal("The line is paused; 'appliance status' says by whom.", Seen(findings, "pipeline"));
        Assert.Equal(0, await station.StopAsync());
    }

    [Fact]
    public async Task Doctor_BesideAServiceThatListensAtEveryAddress_AsksIt()
    {
        var configuration = station.Configuration();
        configuration["Listen"] = "http://0.0.0.0:0";
        station.Write(configuration);
        await station.StartAsync();
        var (_, findings) = await ExamineAsync();
        Assert.Contains($"runs as process {station.Id}", Seen(findings, "service"), StringComparison.Ordinal);
        Assert.Equal(0, await station.StopAsync());
    }

    [Fact]
    public async Task Doctor_OfAnotherStationAndForPeople_SaysSoInWords()
    {
        await station.StartAsync();
        await station.StopAsync();
        var (code, output, _) = await ApplianceProgram.RunAsync("doctor", "--config", station.Config, "--set", "Station=other");
        Assert.Equal(1, code);
        Assert.Matches(@"failed +state +State directory .* belongs to station 's1', this one is 'other'", output);
        Assert.Contains("-> ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_AJournalOfANewerVersion_AdvisesNoRepair()
    {
        await station.StartAsync();
        await station.StopAsync();
        NewerJournalTests.MakeNewer(Path.Combine(station.State, "journal", "facts", "00000001.seg"));
        var (code, findings) = await ExamineAsync();
        Assert.Equal(1, code);
        Assert.Contains("a newer one has written it", Seen(findings, "state"), StringComparison.Ordinal);
        Assert.DoesNotContain(findings, f => $"{f["seen"]} {f["advice"]}".Contains("repair", StringComparison.Ordinal));
    }

    private async Task<JsonNode> HealthAsync()
    {
        using var response = await station.Http.GetAsync(new Uri(station.Address + "/readyz"), Cancellation);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!;
    }

    private async Task<(int Code, IReadOnlyList<JsonNode> Findings)> ExamineAsync()
    {
        var (code, output, error) = await ApplianceProgram.RunAsync("doctor", "--config", station.Config, "--json");
        Assert.Empty(error);
        var examination = JsonNode.Parse(output)!;
        Assert.Equal(code == 0, (bool)examination["sound"]!);
        return (code, [.. examination["findings"]!.AsArray().Select(f => f!)]);
    }

    private static string Of(IReadOnlyList<JsonNode> findings, string about) => (string)findings.Single(f => (string)f["about"]! == about)["outcome"]!;

    private static string Seen(IReadOnlyList<JsonNode> findings, string about) => (string)findings.Single(f => (string)f["about"]! == about)["seen"]!;
}
