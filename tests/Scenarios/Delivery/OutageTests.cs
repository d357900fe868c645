using System.Diagnostics;
using System.Globalization;
using Scenarios.Harness;

namespace Scenarios.Delivery;

/// <summary>
/// The broker is away at 30 verdicts a second, and both are killed: each verdict arrives, in order, and the backlog leaves much faster
/// than it came. <c>APPLIANCE_OUTAGE</c> sets for how long it is away.
/// </summary>
public sealed class OutageTests(ITestOutputHelper output)
{
    private const double RatePerSecond = 30;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact]
    public Task Broker_AwayAndBothKilled_EveryVerdictArrivesInOrder() => RunAsync(TimeSpan.FromSeconds(16));

    [Fact(Explicit = true)]
    public async Task Broker_AwayForLong_DrainsAtTenTimesTheLiveRate()
    {
        var away = TimeSpan.Parse(Environment.GetEnvironmentVariable("APPLIANCE_OUTAGE") ?? "00:10:00", CultureInfo.InvariantCulture);
        var perSecond = await RunAsync(away);
        Assert.True(perSecond >= 10 * RatePerSecond, $"Drained at {perSecond:0} a second.");
    }

    [Fact]
    public async Task Broker_AwayBeyondTheOutboxLimitAndBothKilled_GivesUpTheOldestByName()
    {
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
        await using var station = NewStation(mosquitto.Port, outboxLimit: 100);
        await station.StartAsync();
        await station.UntilAsync("/api/v1/status", s => (string)s["outbox"]!["lastAcknowledged"]! != "0-0", Limit, "the first verdicts are delivered");
        await mosquitto.KillAsync();
        await AwayAsync(station, TimeSpan.FromSeconds(6));
        await KillAsync(station);
        await AwayAsync(station, TimeSpan.FromSeconds(3));
        await mosquitto.StartAsync();
        await station.UntilAsync("/api/v1/status", s => (long)s["outbox"]!["undelivered"]! > 0, Limit, "something is given up");
        await KillAsync(station);
        await station.UntilAsync("/api/v1/status", s => (bool)s["outbox"]!["connected"]! && (long)s["outbox"]!["backlog"]! <= RatePerSecond, Limit, "the backlog is drained");

        Assert.Equal(0, await station.Program.TerminateAsync());
        await plc.UntilHeardAsync((await JournalFiles.VerdictsAsync(station.State))[^1].Id, Limit);
        await Oracles.AssertAgreesAsync(station, plc, new());
        await plc.UntilAsync("inspection/line/undelivered {", Limit);
        Assert.NotEmpty((await JournalFiles.FactsAsync(station.State)).OfKind("undelivered"));
    }

    /// <summary>Verdicts a second while the backlog is drained, beside the live ones.</summary>
    private async Task<double> RunAsync(TimeSpan away)
    {
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
        await using var station = NewStation(mosquitto.Port);
        await station.StartAsync();
        await station.UntilAsync("/api/v1/status", s => (string)s["outbox"]!["lastAcknowledged"]! != "0-0", Limit, "the first verdicts are delivered");
        await mosquitto.KillAsync();
        await AwayAsync(station, away / 2);
        await KillAsync(station);
        await AwayAsync(station, away / 2);
        var perSecond = await DrainAsync(mosquitto, station);

        Assert.Equal(0, await station.Program.TerminateAsync());
        var recorded = await JournalFiles.VerdictsAsync(station.State);
        await plc.UntilHeardAsync(recorded[^1].Id, Limit);
        output.WriteLine($"{recorded.Count} recorded, drained at {perSecond:0} a second beside {RatePerSecond:0} live ones. {await Oracles.AssertAgreesAsync(station, plc, new())}");
        Assert.True(recorded.Count >= away.TotalSeconds * RatePerSecond * 0.8, $"Only {recorded.Count} verdicts in {away}.");
        return perSecond;
    }

    private static async Task KillAsync(Station station)
    {
        station.Program.Kill();
        await station.Program.ExitAsync(Limit);
        await station.StartAsync();
    }

    private static Station NewStation(int port, int outboxLimit = 1_000_000)
    {
        var configuration = Configurations.Tiles(port, Configurations.Free("cam1", "sim:plates", RatePerSecond));
        configuration.Remove("Sampling");
        configuration["Mqtt"]!["OutboxLimit"] = outboxLimit;
        configuration["GoodClass"] = "good";
        return new(configuration);
    }

    /// <summary>As many verdicts as come in that time.</summary>
    private static async Task AwayAsync(Station station, TimeSpan time) => await station.UntilAsync(
        "/api/v1/status", s => (long)s["inspections"]!["inspections"]! >= time.TotalSeconds * RatePerSecond, time * 3 + Limit, "the verdicts of an outage");

    private async Task<double> DrainAsync(Mosquitto mosquitto, Station station)
    {
        var waiting = (long)(await station.GetAsync("/api/v1/status"))["outbox"]!["backlog"]!;
        await mosquitto.StartAsync();
        var connected = await station.UntilAsync("/api/v1/status", s => (bool)s["outbox"]!["connected"]!, Limit, "connected again");
        var start = Stopwatch.GetTimestamp();
        await station.UntilAsync("/api/v1/status", s => (long)s["outbox"]!["backlog"]! <= RatePerSecond, Limit, "the backlog is drained");
        var elapsed = Stopwatch.GetElapsedTime(start);
        var left = Math.Max(waiting, (long)connected["outbox"]!["backlog"]!);
        output.WriteLine($"{waiting} waited, {left} when it was seen to be connected; drained in {elapsed.TotalSeconds:0.0} s");
        return left / elapsed.TotalSeconds;
    }
}
