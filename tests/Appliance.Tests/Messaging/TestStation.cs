using System.Collections.Concurrent;
using Appliance.Capture;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Messaging;
using Inference.Decisions;
using Inference.Files;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Tests.Messaging;

/// <summary>A journal and the whole messaging slice in a host of its own, over a state directory that outlives it.</summary>
internal sealed class TestStation : IAsyncDisposable, ITriggerInbox
{
    private readonly IHost host;
    private bool stopped;

    private TestStation(string directory, MqttOptions options, JournalOptions? journal)
    {
        Journal = StationJournal.Open(LinuxFileSystem.Instance, directory, "s1", TimeProvider.System, NullLogger.Instance, journal);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddProvider(Log);
        builder.Services.AddSingleton(new MessagingSettings("s1", directory, "0.1.0", options));
        builder.Services.AddSingleton(Journal).AddSingleton<IFileSystem>(LinuxFileSystem.Instance).AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<ITriggerInbox>(this).AddSingleton<Func<StationSnapshot>>(() => Snapshot);
        builder.Services.AddMessaging(options);
        host = builder.Build();
    }

    public StationJournal Journal { get; }

    public StationSnapshot Snapshot { get; set; } = new("running", "r1", null, null, [new("c1", "running")]);

    public ConcurrentQueue<TriggerRequest> Triggers { get; } = new();

    public ConcurrentQueue<LineCommand> Commands { get; } = new();

    public Func<TriggerRequest, TriggerAnswer> Answer { get; set; } = _ => new();

    public CollectedLog Log { get; } = new();

    public TopicRights Rights => host.Services.GetRequiredService<TopicRights>();

    public OutboxState Outbox => host.Services.GetRequiredService<OutboxState>();

    public StationStatus Status => host.Services.GetRequiredService<StationStatus>();

    public MqttTriggers MqttTriggers => host.Services.GetRequiredService<MqttTriggers>();

    public MessagingWorker Worker => host.Services.GetRequiredService<MessagingWorker>();

    public EmbeddedBroker Embedded => host.Services.GetRequiredService<EmbeddedBroker>();

    public int EmbeddedPort => Embedded.Port;

    public static async Task<TestStation> StartAsync(string directory, MqttOptions options, JournalOptions? journal = null)
    {
        Assert.Empty(options.Validate("Mqtt"));
        var station = new TestStation(directory, options, journal);
        await station.host.StartAsync();
        return station;
    }

    public InspectionId Commit(string camera = "c1", string? part = null) => Journal.Commit(new VerdictMessage
    {
        Station = "s1",
        Camera = camera,
        Part = part,
        Recipe = "r1",
        GrabbedAt = DateTimeOffset.UnixEpoch,
        LatencyMs = new(0.1, 0.2, 7, 0.1, 7.5),
        Verdict = Verdict.Ok,
        Class = "good",
        Probability = 0.99f,
        Distance = 1,
        Reason = Reasons.Confident,
    });

    public async Task DrainedAsync()
    {
        using var limit = new CancellationTokenSource(MosquittoSubscriber.Limit);
        // A worker that faulted drains nothing.
        await await Task.WhenAny(Outbox.WaitUntilDrainedAsync(limit.Token), Worker.ExecuteTask!);
    }

    /// <summary>Looks again and again: for what nothing tells of.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(MosquittoSubscriber.Limit);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition()) await beat.WaitForNextTickAsync(limit.Token);
    }

    /// <summary>Completes when a verdict is written to the socket of this connection, counted from 1, or of a later one.</summary>
    public Task WrittenOnConnectionAsync(long connection)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Outbox.Written = (_, _) =>
        {
            if (Outbox.Connections >= connection) written.TrySetResult();
        };
        return written.Task.WaitAsync(MosquittoSubscriber.Limit);
    }

    public Task<TriggerAnswer> SubmitAsync(TriggerRequest request, CancellationToken cancellation)
    {
        Triggers.Enqueue(request);
        return Task.FromResult(Answer(request));
    }

    public Task SwitchAsync(LineCommand command, CancellationToken cancellation)
    {
        Commands.Enqueue(command);
        return Task.CompletedTask;
    }

    public async Task StopAsync()
    {
        if (stopped) return;
        stopped = true;
        var worker = Worker;
        await host.StopAsync();
        host.Dispose();
        await Journal.DisposeAsync();
        // Trouble with the broker never ends the worker.
        Assert.Null(worker.ExecuteTask?.Exception);
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}

/// <summary>A directory that goes with the test.</summary>
internal sealed class TestDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("messaging-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
