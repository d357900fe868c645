using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
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
    public static Benchmark Entry { get; } = new("publish", "verdicts a second, bytes a publish, commit to socket [--verdicts 20000] [--single 2000]", Run);

    private static async Task Run(BenchmarkArguments arguments)
    {
        var (verdicts, single) = (arguments.Number("verdicts", 20_000), arguments.Number("single", 2000));
        var state = Directory.CreateTempSubdirectory("publish-").FullName;
        var port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(state, "mosquitto.conf"), $"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n");
        using var broker = Start("/usr/sbin/mosquitto", "-c", Path.Combine(state, "mosquitto.conf"));
        using var subscriber = Start("/usr/bin/mosquitto_sub", "-V", "5", "-p", $"{port}", "-q", "1", "-t", "#");
        try
        {
            await using var journal = StationJournal.Open(LinuxFileSystem.Instance, state, "bench", TimeProvider.System, NullLogger.Instance);
            using var host = Host(state, journal, new MqttOptions { Broker = $"mqtt://127.0.0.1:{port}" });
            await host.StartAsync();
            var outbox = host.Services.GetRequiredService<OutboxState>();
            await PublishAsync(journal, outbox, 1000);
            var sync = JournalBenchmark.Syncs(state, 200);
            Table.Print([sync, await SinglesAsync(journal, outbox, single)], sync);
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            var start = Stopwatch.GetTimestamp();
            await PublishAsync(journal, outbox, verdicts);
            var elapsed = Stopwatch.GetElapsedTime(start);
            allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
            Console.WriteLine($"  {verdicts / elapsed.TotalSeconds:0} verdicts a second acknowledged, {(double)allocated / verdicts:0} bytes allocated a publish, commit and MQTT client included");
            await host.StopAsync();
        }
        finally
        {
            subscriber.Kill();
            broker.Kill();
            Directory.Delete(state, recursive: true);
        }
    }

    private static async Task PublishAsync(StationJournal journal, OutboxState outbox, int count)
    {
        var draft = JournalBenchmark.Draft();
        for (var i = 0; i < count; i++) journal.Commit(draft);
        await outbox.WaitUntilDrainedAsync(CancellationToken.None);
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

    private static Process Start(string program, params string[] arguments)
    {
        if (!File.Exists(program)) throw new BenchmarkException($"{program} is missing: apt-get install mosquitto mosquitto-clients");
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
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
