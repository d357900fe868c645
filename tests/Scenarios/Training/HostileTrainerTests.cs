using System.Globalization;
using System.Text.Json.Nodes;
using Scenarios.Disk;
using Scenarios.Harness;

namespace Scenarios.Training;

/// <summary>Trainers that die in every way, in the place of the real one: inspection goes on, the reason is told, and the next job works.</summary>
public sealed class HostileTrainerTests : IAsyncLifetime
{
    private const int MemoryLimitBytes = 24 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private readonly Mosquitto mosquitto = new();
    private readonly string group = "/sys/fs/cgroup/memory/trainer-test-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
    private SmallDisk? disk;
    private Station? station;
    private Plc? plc;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(group);
        await mosquitto.StartAsync();
        plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
    }

    public async ValueTask DisposeAsync()
    {
        if (plc is not null) await plc.DisposeAsync();
        if (station?.Program is { HasExited: false } running) await running.TerminateAsync();
        if (disk is not null) await disk.DisposeAsync();
        if (station is not null) await station.DisposeAsync();
        await mosquitto.DisposeAsync();
        Directory.Delete(group);
    }

    [Fact]
    public async Task Train_ByTrainersThatDieInEveryWay_HurtsNothingAndTheNextJobWorks()
    {
        await StartAsync();
        await LabelAsync();
        var models = 0;
        foreach (var (way, script, reason) in Ways())
        {
            await WriteTrainerAsync(script);
            Assert.Contains(reason, await FailAsync(way), StringComparison.Ordinal);
            await WriteTrainerAsync("""exec "$REAL" "$@" """);
            var (code, said) = await station!.CommandAsync("train", "--by", "anna");
            // The same labels again may make no better model: the gate says so, and that is a job that worked.
            Assert.True(code is 0 or 1 && !said.Contains("failed", StringComparison.Ordinal), $"After a trainer that {way}: {said}");
            models += code == 0 ? 1 : 0;
        }

        Assert.True(models >= 1, "No job of the real trainer gave a model.");
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(station!.State, "jobs")));
        Assert.Equal(0, await station.Program.TerminateAsync());
        await JournalFiles.AssertIntactAsync(station.State);
        var verdicts = await JournalFiles.VerdictsAsync(station.State);
        await plc!.UntilHeardAsync(verdicts[^1].Id, Limit);
        await Oracles.AssertAgreesAsync(station, plc, new());
        Assert.DoesNotContain(verdicts, v => v.Kind == "FAULT");
    }

    private IEnumerable<(string Way, string Script, string Reason)> Ways()
    {
        yield return ("is killed at work", """ "$REAL" "$@" & sleep 0.6; kill -9 $!; wait $! """, "code 137");
        yield return ("crashes in native code", "kill -SEGV $$", "code 139");
        yield return ("runs out of memory by a real limit", $"""echo $$ > {group}/cgroup.procs; exec "$REAL" "$@" """, "ended with code");
        yield return ("fills its disk", """cd "$(dirname "$2")"; cat /dev/zero > fill; echo "the disk is full" >&2; exit 1""", "the disk is full");
        yield return ("writes rubbish", """head -c 200000 /dev/urandom; echo; echo '{"event":"done"}'; echo '{"event":"progress"}'; exit 0""", "no model package");
    }

    private async Task StartAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(group, "memory.limit_in_bytes"), MemoryLimitBytes.ToString(CultureInfo.InvariantCulture));
        var configuration = Configurations.Tiles(mosquitto.Port, Configurations.Free("cam1", Configurations.TileSource(1), 15));
        configuration["Disk"] = new JsonObject { ["MinFreeBytes"] = 4 << 20, ["ReserveBytes"] = 4 << 20 };
        configuration["Sampling"]!["MaxPerMinute"] = 1200;
        station = new Station(configuration);
        disk = await SmallDisk.MountAsync(station.State, 200);
        await WriteTrainerAsync("exit 1");
        await station.StartAsync($"Training:Program={Trainer}", "Training:AfterLabels=100000");
    }

    private string Trainer => Path.Combine(station!.Directory, "trainer.sh");

    /// <summary>Written aside and renamed: the old one may still be open.</summary>
    private async Task WriteTrainerAsync(string script)
    {
        var aside = Trainer + ".new";
        await File.WriteAllTextAsync(aside, $"#!/bin/bash\nREAL='{Repository.Trainer}'\n{script}\n", TestContext.Current.CancellationToken);
        await RunningProgram.RunAsync("/bin/chmod", "+x", aside);
        File.Move(aside, Trainer, overwrite: true);
    }

    private async Task LabelAsync()
    {
        await station!.InspectAsync(150);
        await TileLabels.LabelAsync(station, (await station.GetAsync("/api/v1/samples?limit=120"))["samples"]!);
    }

    /// <summary>A round that fails while the line goes on. What the station says of it.</summary>
    private async Task<string> FailAsync(string way)
    {
        var before = await station!.InspectedAsync();
        var (code, said) = await station.CommandAsync("train", "--by", "anna");
        Assert.True(code == 1, $"A trainer that {way}: {said}");
        await station.InspectAsync(before + 15);
        var last = (await station.GetAsync("/api/v1/training"))["now"]!["last"]!;
        Assert.Equal("failed", (string)last["outcome"]!);
        return (string)last["reason"]!;
    }
}
