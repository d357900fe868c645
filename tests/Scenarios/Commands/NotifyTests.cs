using System.Net.Sockets;
using System.Text;
using Scenarios.Harness;

namespace Scenarios.Commands;

/// <summary>The service manager's side of Type=notify: a real datagram socket under NOTIFY_SOCKET.</summary>
public sealed class NotifyTests
{
    [Fact]
    public async Task Run_UnderAServiceManager_SaysWhenItIsReadyAndWhenItStops()
    {
        await using var station = new Station(Configurations.Embedded(Configurations.Free("cam1", "sim:plates", 5)));
        var path = Path.Combine(station.Directory, "notify");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        // .NET takes a process for a unit whose parent is called systemd: here a shell of that name, which ends with its code.
        var manager = Path.Combine(station.Directory, "systemd");
        File.Copy("/bin/sh", manager);
        await using var service = RunningProgram.Start(
            manager, ["-c", "\"$0\" run --config \"$1\" & echo unit $!; wait $!", Repository.Appliance, station.Config],
            new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path });

        Assert.Equal("READY=1", await ReceiveAsync(socket));
        var unit = service.Lines.Single(l => l.StartsWith("unit ", StringComparison.Ordinal))[5..];
        Assert.Equal(0, (await RunningProgram.RunAsync("/bin/kill", "-TERM", unit)).Code);
        Assert.Equal(0, await service.ExitAsync(TimeSpan.FromSeconds(40)));
        Assert.Equal("STOPPING=1", await ReceiveAsync(socket));
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        var buffer = new byte[512];
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token));
    }
}
