using System.Globalization;

namespace Scenarios.Harness;

/// <summary>A real mosquitto on a port and with a disk of its own.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("mosquitto-test-").FullName;
    private RunningProgram? program;

    public int Port { get; } = FreePort.Find();

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
            set_tcp_nodelay true
            user root
            log_type error
            log_type warning
            log_type notice
            log_type information
            log_type subscribe
            """));
        program = RunningProgram.Start(Repository.Tool("/usr/sbin/mosquitto"), ["-c", config]);
        await program.UntilAsync(l => l.Any(x => x.EndsWith("running", StringComparison.Ordinal)), TimeSpan.FromSeconds(10), "mosquitto runs");
    }

    /// <summary>A PLC, once its subscription stands.</summary>
    public async Task<Plc> SubscribeAsync(string topic, string client)
    {
        var plc = Plc.Start(Port, topic, client, Path.Combine(directory, client + ".heard"));
        await program!.UntilAsync(l => l.Any(x => x.Contains(client + " 1 " + topic, StringComparison.Ordinal)), TimeSpan.FromSeconds(10), "the subscription stands");
        await SaveAsync();
        return plc;
    }

    /// <summary>A session that is not on its disk does not outlive a kill.</summary>
    private async Task SaveAsync()
    {
        var (database, asked) = (Path.Combine(directory, "mosquitto.db"), TimeProvider.System.GetUtcNow().UtcDateTime);
        await program!.SignalAsync("USR1");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (File.GetLastWriteTimeUtc(database) < asked) await beat.WaitForNextTickAsync(limit.Token);
    }

    /// <summary>A controller that publishes each line of its standard input.</summary>
    public RunningProgram Publisher(string topic) => RunningProgram.Start(
        Repository.Tool("/usr/bin/mosquitto_pub"), ["-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-V", "5", "-q", "1", "-t", topic, "-l"]);

    /// <summary>SIGKILL: what it acknowledged since its last save is gone.</summary>
    public async Task KillAsync()
    {
        program!.Kill();
        await program.DisposeAsync();
        program = null;
    }

    /// <summary>Ends it; its disk keeps sessions and what is queued for them.</summary>
    public async Task StopAsync()
    {
        await program!.TerminateAsync();
        await program.DisposeAsync();
        program = null;
    }

    /// <summary>Stops answering without closing a connection, as a broker does whose disk hangs.</summary>
    public Task FreezeAsync() => program!.SignalAsync("STOP");

    public async ValueTask DisposeAsync()
    {
        if (program is not null) await program.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }
}
