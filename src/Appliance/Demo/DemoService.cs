using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Appliance.Hosting;

namespace Appliance.Demo;

/// <summary>The service under demonstration: the same program, started as a process of its own with a configuration of its own.</summary>
internal sealed class DemoService : IAsyncDisposable
{
    private readonly Process process;
    private readonly StreamWriter log;

    private DemoService(Process process, StreamWriter log, Endpoints endpoints) => (this.process, this.log, Endpoints) = (process, log, endpoints);

    public Endpoints Endpoints { get; }

    public bool HasExited => process.HasExited;

    /// <param name="directory">An empty directory for configuration, state and log.</param>
    /// <exception cref="DemoException">It did not come up; the message holds the end of its log.</exception>
    public static async Task<DemoService> StartAsync(string directory, JsonObject configuration, CancellationToken cancellation)
    {
        var config = Path.Combine(directory, "appliance.json");
        await File.WriteAllTextAsync(config, configuration.ToJsonString(new JsonSerializerOptions { WriteIndented = true }), cancellation);
        var logPath = Path.Combine(directory, "service.log");
        var log = new StreamWriter(logPath) { AutoFlush = true };
        // In a session of its own: a terminal's Ctrl-C is for the demo, which ends the line before the service.
        var start = new ProcessStartInfo("setsid", [Environment.ProcessPath!, "run", "--config", config]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Write(log, line.Data);
        process.ErrorDataReceived += (_, line) => Write(log, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var path = Path.Combine(directory, "state", Endpoints.FileName);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!File.Exists(path))
        {
            if (process.HasExited) throw new DemoException($"The service ended at its start with code {process.ExitCode}. The end of {logPath}:\n{await TailAsync(logPath)}");
            await beat.WaitForNextTickAsync(cancellation);
        }

        var endpoints = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(path, cancellation), EndpointsJson.Default.Endpoints)!;
        return new(process, log, endpoints);
    }

    /// <summary>Asks it to stop, as systemd would, and waits. Its exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }

        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        await log.DisposeAsync();
    }

    private static void Write(StreamWriter log, string? line)
    {
        if (line is null) return;
        lock (log) log.WriteLine(line);
    }

    private static async Task<string> TailAsync(string path)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return string.Join('\n', (await reader.ReadToEndAsync()).Split('\n').TakeLast(12));
    }
}
