using System.Net.Sockets;

namespace Appliance.Tests.Hosting;

/// <summary>Logs as systemd's journal takes them: a level it knows, the category and the event id.</summary>
public sealed class ServiceManagerLogTests : IAsyncLifetime
{
    private readonly ServiceProcess station = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => station.DisposeAsync();

    [Fact]
    public async Task Log_UnderAServiceManager_BeginsWithItsLevelCategoryAndEventAndEndsWithTheStop()
    {
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(station.PathOf("notify")));
        await station.StartAsync(new Dictionary<string, string> { ["NOTIFY_SOCKET"] = station.PathOf("notify") });
        await station.SaysAsync("Station s1 runs");
        await station.PostAsync("/api/v1/line/pause", new() { ["by"] = "anna", ["why"] = "tool change" });
        await station.SaysAsync("paused by anna");
        Assert.Equal(0, await station.StopAsync());
        var lines = station.Output.Split('\n');
        Assert.Contains(lines, l => l.StartsWith("<6>appliance[11000] Station s1 runs", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("<4>Appliance.Inspection.LineSwitch[2001] The line is paused by anna", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("<6>appliance[11002] The station has stopped in order", StringComparison.Ordinal));
    }
}
