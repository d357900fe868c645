using System.Net.Sockets;
using System.Text;

namespace Scenarios.Harness;

/// <summary>The service manager's side of Type=notify: a real datagram socket under NOTIFY_SOCKET.</summary>
internal sealed class ServiceManager : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly RunningProgram manager;

    public ServiceManager(Station station, TimeSpan? watchdog = null)
    {
        var path = Path.Combine(station.Directory, "notify");
        socket.Bind(new UnixDomainSocketEndPoint(path));
        var environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path };
        if (watchdog is { } time) environment["WATCHDOG_USEC"] = FormattableString.Invariant($"{time.TotalMicroseconds:F0}");
        manager = RunningProgram.Start(Repository.Appliance, ["run", "--config", station.Config], environment);
    }

    public IReadOnlyList<string> Lines => manager.Lines;

    /// <summary>Nothing has come that was not read.</summary>
    public bool IsSilent => socket.Available == 0;

    /// <summary>The next message from the service.</summary>
    public async Task<string> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        return await ReceiveAsync("a message to the service manager", limit.Token);
    }

    /// <summary>Reads on until this message.</summary>
    public async Task UntilAsync(string message)
    {
        // One limit for all: a watchdog is fed for ever.
        using var limit = new CancellationTokenSource(Limit);
        while (await ReceiveAsync(message, limit.Token) != message)
        {
        }
    }

    /// <summary>Reads over what has come already.</summary>
    public void Drain()
    {
        var buffer = new byte[512];
        while (socket.Available > 0) socket.Receive(buffer);
    }

    public Task UntilLineAsync(string text) => manager.UntilAsync(l => l.Any(x => x.Contains(text, StringComparison.Ordinal)), Limit, text);

    /// <summary>SIGTERM to the service. Its exit code.</summary>
    public Task<int> StopAsync() => manager.TerminateAsync();

    public async ValueTask DisposeAsync()
    {
        await manager.DisposeAsync();
        socket.Dispose();
    }

    private async Task<string> ReceiveAsync(string awaited, CancellationToken limit)
    {
        var buffer = new byte[512];
        try
        {
            return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit));
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Not within {Limit}: {awaited}\n{string.Join('\n', manager.Lines.TakeLast(30))}");
            return "";
        }
    }
}
