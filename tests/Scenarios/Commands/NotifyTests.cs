using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Commands;

/// <summary>What the service tells its manager.</summary>
public sealed class NotifyTests
{
    [Fact]
    public async Task Run_UnderAServiceManager_SaysWhenItIsReadyAndWhenItStops()
    {
        await using var station = new Station(Configurations.Embedded(Configurations.Free("cam1", "sim:plates", 5)));
        await using var manager = new ServiceManager(station);

        Assert.Equal("READY=1", await manager.ReceiveAsync());
        Assert.Equal(0, await manager.StopAsync());
        Assert.Equal("STOPPING=1", await manager.ReceiveAsync());
    }

    [Fact]
    public async Task Run_DiskThatHangs_StarvesTheWatchdogUntilTheLineMovesAgain()
    {
        await using var disk = await FreezableDisk.MountAsync();
        await using var station = new Station(Hanging(disk));
        await using var manager = new ServiceManager(station, watchdog: TimeSpan.FromSeconds(4));
        // The line runs by then: a disk that hangs before stops the start, and no pulse.
        await manager.UntilAsync("READY=1");
        await manager.UntilAsync("WATCHDOG=1");

        await using var frozen = await disk.FreezeAsync();
        await manager.UntilLineAsync("stands still");
        manager.Drain();
        await disk.ThawAsync();
        await manager.UntilLineAsync("goes on");
        await manager.UntilAsync("WATCHDOG=1");

        Assert.Equal(0, await manager.StopAsync());
    }

    [Fact]
    public async Task Stop_DiskThatHangs_EndsTheProcessAsItIsAndLosesNothingAtTheNextStart()
    {
        await using var disk = await FreezableDisk.MountAsync();
        await using var station = new Station(Hanging(disk));
        await using (var manager = new ServiceManager(station))
        {
            await manager.UntilAsync("READY=1");
            await using var frozen = await disk.FreezeAsync();
            var stopping = manager.StopAsync();
            await manager.UntilLineAsync("did not end within 20 s");
            // A process that hangs in the kernel's write cannot go before it returns.
            await disk.ThawAsync();
            Assert.Equal(1, await stopping);
        }

        await JournalFiles.AssertIntactAsync(Path.Combine(disk.Path, "state"));
        Verdicts.AssertContiguous(await JournalFiles.VerdictsAsync(Path.Combine(disk.Path, "state")));
    }

    private static JsonObject Hanging(FreezableDisk disk)
    {
        var configuration = Configurations.Embedded(Configurations.Free("cam1", "sim:plates", 20));
        configuration["StateDirectory"] = Path.Combine(disk.Path, "state");
        configuration["Disk"] = new JsonObject { ["MinFreeBytes"] = 0, ["ReserveBytes"] = 1 << 20 };
        return configuration;
    }
}
