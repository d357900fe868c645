using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Appliance.Capture;
using Appliance.Journal;
using Appliance.Messaging;
using Inference.Files;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Benchmarks;

/// <summary>Verdicts from the journal through a mosquitto of this machine, QoS 1, with a mosquitto_sub behind it.</summary>
internal static class PublishBenchmark
{
    /// <summary>Commits wait while so many are not acknowledged, as a line's would not, so that what is measured is the slowest part.</summary>
    private const int MostWaiting = 2000;

    public static Benchmark Entry { get; } = new("publish", "verdicts a second, bytes a publish, commit to socket, and what limits it [--seconds 20] [--single 2000]", Run);

    private static async Task Run(BenchmarkArguments arguments)
    {
        var (seconds, single) = (arguments.Number("seconds", 20), arguments.Number("single", 2000));
        var state = Directory.CreateTempSubdirectory("publish-").FullName;
        var port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(state, "mosquitto.conf"), $"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n");
        using var broker = Start("/usr/sbin/mosquitto", null, "-c", Path.Combine(state, "mosquitto.conf"));
        await UntilListeningAsync(port);
        var heard = new StrongBox<long>();
        using var subscriber = Start("/usr/bin/mosquitto_sub", heard, "-V", "5", "-p", $"{port}", "-q", "1", "-t", "inspection/+/verdicts/#");
        try
        {
            await using var journal = StationJournal.Open(LinuxFileSystem.Instance, state, "bench", TimeProvider.System, NullLogger.Instance);
            using var host = Host(state, journal, new MqttOptions { Broker = $"mqtt://127.0.0.1:{port}" });
            await host.StartAsync();
            var outbox = host.Services.GetRequiredService<OutboxState>();
            await PublishAsync(journal, outbox, TimeSpan.FromSeconds(1));
            var sync = JournalBenchmark.Syncs(state, 200);
            Table.Print([sync, await SinglesAsync(journal, outbox, single)], sync);
            await MeasureAsync(journal, outbox, TimeSpan.FromSeconds(seconds), heard, [("appliance", Process.GetCurrentProcess()), ("mosquitto", broker), ("mosquitto_sub", subscriber)]);
            await host.StopAsync();
        }
        finally
        {
            subscriber.Kill();
            broker.Kill();
            Directory.Delete(state, recursive: true);
        }
    }

    private static async Task MeasureAsync(StationJournal journal, OutboxState outbox, TimeSpan time, StrongBox<long> heard, (string Name, Process Process)[] processes)
    {
        var (allocated, received) = (GC.GetTotalAllocatedBytes(precise: true), Volatile.Read(ref heard.Value));
        var cpu = processes.Select(p => Cpu(p.Process)).ToArray();
        var start = Stopwatch.GetTimestamp();
        var count = await PublishAsync(journal, outbox, time);
        var elapsed = Stopwatch.GetElapsedTime(start);
        var used = processes.Select((p, i) => $"{p.Name} {(Cpu(p.Process) - cpu[i]) / elapsed:0.00}");
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        Console.WriteLine($"  {count / elapsed.TotalSeconds:0} verdicts a second over {elapsed.TotalSeconds:0} s: journalled, acknowledged with QoS 1; {Volatile.Read(ref heard.Value) - received} of {count} heard by the subscriber so far");
        Console.WriteLine($"  processors used: {string.Join(", ", used)} of {Environment.ProcessorCount}; {(double)allocated / count:0} bytes allocated a publish, commit and MQTT client included");
    }

    private static TimeSpan Cpu(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    /// <summary>As many as the slowest part takes, until the time is over and all are acknowledged.</summary>
    private static async Task<long> PublishAsync(StationJournal journal, OutboxState outbox, TimeSpan time)
    {
        var (draft, count, start) = (JournalBenchmark.Draft(), 0L, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            for (var i = 0; i < 100; i++) journal.Commit(draft);
            count += 100;
            while (outbox.Backlog > MostWaiting) await Task.Delay(1);
        }

        await outbox.WaitUntilDrainedAsync(CancellationToken.None);
        return count;
    }

    /// <summary>One at a time, as from a line: from before the commit until it is written to the socket.</summary>
    private static async Task<Samples> SinglesAsync(StationJournal journal, OutboxState outbox, int count)
    {
        var ticks = new long[count];
        for (var i = 0; i < count; i++)
        {
            var written = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            outbox.Written = (_, at) => written.TrySetResult(at);
            var start = Stopwatch.GetTimestamp();
            journal.Commit(JournalBenchmark.Draft());
            ticks[i] = await written.Task - start;
        }

        outbox.Written = null;
        return new("commit to socket", ticks);
    }

    private static IHost Host(string state, StationJournal journal, MqttOptions mqtt)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new MessagingSettings("bench", state, "0", mqtt)).AddSingleton(journal).AddSingleton<IFileSystem>(LinuxFileSystem.Instance);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<ITriggerInbox, NoTriggers>();
        builder.Services.AddSingleton<Func<StationSnapshot>>(() => new("running", "plate", null, null, []));
        builder.Services.AddMessaging(mqtt);
        return builder.Build();
    }

    private static Process Start(string program, StrongBox<long>? lines, params string[] arguments)
    {
        if (!File.Exists(program)) throw new BenchmarkException($"{program} is missing: apt-get install mosquitto mosquitto-clients");
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, e) =>
        {
            if (e.Data is not null && lines is not null) Interlocked.Increment(ref lines.Value);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>A mosquitto_sub that comes too early ends, and nobody would notice.</summary>
    private static async Task UntilListeningAsync(int port)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        throw new BenchmarkException("mosquitto does not listen.");
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private sealed class NoTriggers : ITriggerInbox
    {
        public Task SwitchAsync(LineCommand command, CancellationToken cancellation) => Task.CompletedTask;

        public Task<TriggerAnswer> SubmitAsync(TriggerRequest request, CancellationToken cancellation) => Task.FromResult(new TriggerAnswer(new Refusal(RefusalReason.Invalid, "This is a benchmark.")));
    }
}
