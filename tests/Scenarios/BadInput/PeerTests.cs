using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.BadInput;

/// <summary>Peers that are not there, or hang.</summary>
public sealed class PeerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Run_BrokerRefuses_InspectsAndDeliversLater()
    {
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var plc = await mosquitto.SubscribeAsync("inspection/#", "plc");
        await mosquitto.StopAsync();
        await using var station = new Station(External(mosquitto.Port));
        await station.StartAsync();

        await station.InspectAsync(20);
        var status = await station.UntilAsync("/api/v1/status", s => s["outbox"]!["lastError"] is not null, Limit, "the refusal is shown");
        Assert.False((bool)status["outbox"]!["connected"]!);
        Assert.True((long)status["outbox"]!["backlog"]! >= 20);
        Assert.Contains(station.Program.Lines, l => l.Contains($"127.0.0.1:{mosquitto.Port}", StringComparison.Ordinal));

        await mosquitto.StartAsync();
        await station.UntilAsync("/api/v1/status", s => (bool)s["outbox"]!["connected"]! && (long)s["outbox"]!["backlog"]! < 5, Limit, "the backlog is delivered");
        Assert.Equal(0, await station.Program.TerminateAsync());
        var recorded = await JournalFiles.VerdictsAsync(station.State);
        await plc.UntilHeardAsync(recorded[^1].Id, Limit);
        await Oracles.AssertAgreesAsync(station, plc, new());
    }

    [Fact]
    public async Task Run_ToldToStopWhileTheBrokerHangs_EndsInOrderAndDeliversAtTheNextStart()
    {
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        var configuration = External(mosquitto.Port);
        configuration["Mqtt"]!["DrainTime"] = "00:00:03";
        await using var station = new Station(configuration);
        await station.StartAsync();
        await station.UntilAsync("/api/v1/status", s => (bool)s["outbox"]!["connected"]!, Limit, "connected");
        await mosquitto.FreezeAsync();
        await station.InspectAsync(20);

        Assert.Equal(0, await station.Program.TerminateAsync());

        Assert.False(File.Exists(station.EndpointsFile));
        await JournalFiles.AssertIntactAsync(station.State);
    }

    [Fact]
    public async Task Run_ToldToStop_EndsWithZeroAndTakesItsEndpointsAway()
    {
        await using var station = new Station(Configurations.Embedded(Configurations.Free("cam1", "sim:plates", 30), Configurations.Triggered("cam2", "sim:plates?seed=2")));
        await station.StartAsync();
        await station.InspectAsync(10);

        Assert.Equal(0, await station.Program.TerminateAsync());

        Assert.False(File.Exists(station.EndpointsFile));
        Assert.DoesNotContain(station.Program.Lines, l => l.Contains(" fail: ", StringComparison.Ordinal) || l.Contains("Exception", StringComparison.Ordinal));
        await JournalFiles.AssertIntactAsync(station.State);
    }

    [Theory]
    [InlineData("/nowhere/trainer", "The trainer /nowhere/trainer does not exist")]
    [InlineData("/bin/false", "ended with code 1 before it was done")]
    public async Task Train_TrainerIsMissingOrDies_FailsWithTheReasonAndInspectionGoesOn(string trainer, string reason)
    {
        await using var station = new Station(Configurations.Embedded(Configurations.Free("cam1", "sim:plates", 30)));
        await station.StartAsync($"Training:Program={trainer}");

        var (code, output) = await station.CommandAsync("train", "--by", "anna");

        Assert.Equal(1, code);
        Assert.Contains(reason, output, StringComparison.Ordinal);
        var training = await station.GetAsync("/api/v1/training");
        Assert.Equal("failed", (string)training["now"]!["last"]!["outcome"]!);
        await station.InspectAsync(await station.InspectedAsync() + 10);
    }

    private static JsonObject External(int port) => Configurations.External(port, Configurations.Free("cam1", "sim:plates", 20));
}
