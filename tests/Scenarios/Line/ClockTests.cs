using System.Globalization;
using System.Text.Json.Nodes;
using Oracle;
using Scenarios.Harness;

namespace Scenarios.Line;

/// <summary>The wall clock labels and never measures: set forth and back by an hour under a running line (clock.c beside this file), it changes nothing else.</summary>
public sealed class ClockTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Run_ClockSetForthAndBackByAnHour_GoesOnAndAnswersEveryTrigger()
    {
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
        var configuration = Configurations.External(mosquitto.Port, Configurations.Free("cam1", "sim:plates", 20), Configurations.Triggered("cam2", "sim:plates?seed=2"));
        configuration["Mqtt"]!["Heartbeat"] = "00:00:01";
        await using var station = new Station(configuration);
        var clock = Path.Combine(station.Directory, "clock");
        var shim = Path.Combine(station.Directory, "clock.so");
        var (code, said) = await RunningProgram.RunAsync(Repository.Tool("/usr/bin/gcc"), "-shared", "-fPIC", "-o", shim, Path.Combine(Repository.Root, "tests/Scenarios/Line/clock.c"));
        Assert.True(code == 0, said);
        await SetAsync(clock, "0");
        await station.StartAsync(new Dictionary<string, string> { ["LD_PRELOAD"] = shim, ["CLOCK_OFFSET_FILE"] = clock });
        var ledger = new Ledger();
        List<DateTimeOffset> grabs = [];
        foreach (var offset in new[] { "0", "3600", "-3600", "0" })
        {
            await SetAsync(clock, offset);
            for (var i = 0; i < 5; i++) grabs.Add(await AskAsync(station, ledger, $"clock-{grabs.Count}"));
            // The line itself, its samples, and the way through the broker.
            var before = await station.GetAsync("/api/v1/status");
            await station.UntilAsync("/api/v1/status", s => Count(s) >= Count(before) + 20 && (long)s["outbox"]!["backlog"]! < 5, Limit, "20 verdicts more, delivered");
        }

        Assert.Contains(grabs.Zip(grabs.Skip(1)), p => p.Second - p.First > TimeSpan.FromMinutes(50));
        Assert.Contains(grabs.Zip(grabs.Skip(1)), p => p.First - p.Second > TimeSpan.FromMinutes(50));
        Assert.Equal(0, await station.Program.TerminateAsync());
        await JournalFiles.AssertIntactAsync(station.State);
        var verdicts = await JournalFiles.VerdictsAsync(station.State);
        await plc.UntilHeardAsync(verdicts[^1].Id, Limit);
        await Oracles.AssertAgreesAsync(station, plc, ledger, complete: true);
        Assert.DoesNotContain(verdicts, v => v.Kind == "FAULT");
        Assert.DoesNotContain(verdicts, v => (double)v.Node["latencyMs"]!["total"]! is < 0 or > 600_000);
    }

    private static long Count(JsonNode status) => (long)status["inspections"]!["inspections"]!;

    private static async Task<DateTimeOffset> AskAsync(Station station, Ledger ledger, string trigger)
    {
        ledger.Asked(trigger);
        var verdict = await station.PostAsync("/api/v1/triggers", new JsonObject { ["id"] = trigger, ["camera"] = "cam2" });
        ledger.Answered(trigger, verdict);
        return DateTimeOffset.Parse((string)verdict["grabbedAt"]!, CultureInfo.InvariantCulture);
    }

    private static async Task SetAsync(string clock, string offset)
    {
        await File.WriteAllTextAsync(clock + ".new", offset + "\n");
        File.Move(clock + ".new", clock, overwrite: true);
    }
}
