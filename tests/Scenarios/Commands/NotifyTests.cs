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
        var configuration = Configurations.Embedded(Configurations.Free("cam1", "sim:plates", 20));
        configuration["StateDirectory"] = Path.Combine(disk.Path, "state");
        configuration["Disk"] = new System.Text.Json.Nodes.JsonObject { ["MinFreeBytes"] = 0, ["ReserveBytes"] = 1 << 20 };
        await using var station = new Station(configuration);
        await using var manager = new ServiceManager(station, watchdog: TimeSpan.FromSeconds(4));
        await manager.UntilAsync("WATCHDOG=1");

        await disk.FreezeAsync();
        await manager.UntilLineAsync("stands still");
        manager.Drain();
        await disk.ThawAsync();
        await manager.UntilLineAsync("goes on");
        await manager.UntilAsync("WATCHDOG=1");

        Assert.Equal(0, await manager.StopAsync());
    }
}
