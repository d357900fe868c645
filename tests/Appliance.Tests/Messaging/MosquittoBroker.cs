using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Appliance.Tests.Messaging;

/// <summary>A real mosquitto with a directory of its own, at a free port of this machine, which can be killed and started again.</summary>
public sealed class MosquittoBroker : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("mosquitto-").FullName;
    private readonly string extra;
    private Process? process;

    private MosquittoBroker(string extra)
    {
        this.extra = extra;
        Port = FreePort();
    }

    public int Port { get; }

    public string Url => $"mqtt://127.0.0.1:{Port}";

    /// <summary>Skips the test where mosquitto is missing, unless CI=true.</summary>
    /// <param name="extra">More lines of configuration.</param>
    public static async Task<MosquittoBroker> StartAsync(string extra = "")
    {
        var broker = Create(extra);
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>Has a port, does not run yet.</summary>
    public static MosquittoBroker Create(string extra = "")
    {
        MissingTool.SkipWithout("/usr/sbin/mosquitto", "mosquitto");
        return new(extra);
    }

    public async Task StartAgainAsync()
    {
        var config = Path.Combine(directory, "mosquitto.conf");
        var anonymous = extra.Contains("allow_anonymous", StringComparison.Ordinal) ? "" : "allow_anonymous true\n";
        await File.WriteAllTextAsync(config, $"""
            listener {Port} 127.0.0.1
            persistence true
            persistence_location {directory}/
            autosave_interval 1
            max_queued_messages 0
            set_tcp_nodelay true
            user root
            {anonymous}{extra}
            """ + "\n");
        process = Process.Start(new ProcessStartInfo("/usr/sbin/mosquitto", ["-c", config, "-v"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new List<string>();
        void Read(object _, DataReceivedEventArgs e)
        {
            lock (log) log.Add(e.Data ?? "");
            if (e.Data?.Contains(" running", StringComparison.Ordinal) == true) up.TrySetResult();
        }

        process.ErrorDataReceived += Read;
        process.OutputDataReceived += Read;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        if (await Task.WhenAny(up.Task, process.WaitForExitAsync()).WaitAsync(Until.Limit) != up.Task)
            lock (log) Assert.Fail($"mosquitto ended: {string.Join('\n', log)}");
    }

    /// <summary>SIGKILL: nothing that is only in its memory survives.</summary>
    public async Task KillAsync()
    {
        await process!.KillAsync();
        process!.Dispose();
        process = null;
    }

    /// <summary>SIGSTOP: its connections stand, and it answers nothing.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>SIGTERM: it writes sessions, queues and retained messages to its disk first.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await process!.EndsAsync();
        process!.Dispose();
        process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null) await KillAsync();
        Directory.Delete(directory, recursive: true);
    }

    private async Task SignalAsync(string name)
    {
        using var signal = Process.Start("kill", [$"-{name}", $"{process!.Id}"]);
        await signal.EndsAsync();
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
