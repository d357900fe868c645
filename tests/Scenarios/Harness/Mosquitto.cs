using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Scenarios.Harness;

/// <summary>A real mosquitto on a port and with a disk of its own.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("mosquitto-test-").FullName;
    private RunningProgram? program;

    public int Port { get; } = FreePort();

    public async Task StartAsync()
    {
        var config = Path.Combine(directory, "mosquitto.conf");
        await File.WriteAllTextAsync(config, string.Create(CultureInfo.InvariantCulture, $"""
            listener {Port} 127.0.0.1
            allow_anonymous true
            persistence true
            persistence_location {directory}/
            autosave_interval 1
            max_queued_messages 0
            user root
            """));
        program = RunningProgram.Start(Repository.Tool("/usr/sbin/mosquitto"), ["-c", config, "-v"]);
        await program.UntilAsync(l => l.Any(x => x.EndsWith("running", StringComparison.Ordinal)), TimeSpan.FromSeconds(10), "mosquitto runs");
    }

    /// <summary>A PLC: one line a message, topic and payload. Its session outlives its broker.</summary>
    public async Task<RunningProgram> SubscribeAsync(string topic, string client)
    {
        var subscriber = RunningProgram.Start(
            Repository.Tool("/usr/bin/mosquitto_sub"),
            ["-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-V", "5", "-q", "1", "-i", client, "-c", "-x", "3600", "-v", "-t", topic]);
        await program!.UntilAsync(l => l.Any(x => x.Contains($"Sending SUBACK to {client}", StringComparison.Ordinal)), TimeSpan.FromSeconds(10), "the subscription stands");
        return subscriber;
    }

    public async ValueTask DisposeAsync()
    {
        if (program is not null) await program.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
