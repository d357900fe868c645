using System.Text.Json;
using Appliance.Journal;

namespace Appliance.Messaging;

/// <summary>
/// Keeps the retained status and models messages true: at connect, at each heartbeat, and at once after <see cref="NotifyChanged"/>.
/// </summary>
internal sealed class StationStatus : IDisposable
{
    private readonly Func<StationSnapshot> snapshot;
    private readonly MessagingSettings settings;
    private readonly Topics topics;
    private readonly StationJournal journal;
    private readonly OutboxState outbox;
    private readonly TopicRights rights;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim changed = new(0);

    public StationStatus(Func<StationSnapshot> snapshot, MessagingSettings settings, Topics topics, StationJournal journal, OutboxState outbox, TopicRights rights, TimeProvider time)
    {
        (this.snapshot, this.settings, this.topics, this.journal, this.outbox, this.rights, this.time) = (snapshot, settings, topics, journal, outbox, rights, time);
        rights.Changed += NotifyChanged;
    }

    /// <summary>Something in the snapshot is new (a model, a camera's state). Any thread, does not block.</summary>
    public void NotifyChanged() => changed.Release();

    /// <summary>What the broker says when the station is gone without a word.</summary>
    public StatusMessage LastWill => Offline("lost") with { Time = null };

    /// <summary>Runs until the connection fails or the cancellation.</summary>
    public async Task RunAsync(BrokerSession session, CancellationToken cancellation)
    {
        (string?, string?)? published = null;
        using var heartbeat = time.CreateTimer(static s => ((StationStatus)s!).NotifyChanged(), this, settings.Mqtt.Heartbeat, settings.Mqtt.Heartbeat);
        while (true)
        {
            // Many changes at once make one message.
            while (changed.CurrentCount > 0) await changed.WaitAsync(cancellation);
            var now = snapshot();
            if (published != (now.Model, now.Policy)) await PublishModelsAsync(session, now, cancellation);
            published = (now.Model, now.Policy);
            await PublishAsync(session, Online(now), cancellation);
            await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>The last message of an orderly stop.</summary>
    public Task PublishStoppedAsync(BrokerSession session, CancellationToken cancellation) => PublishAsync(session, Offline("stopped"), cancellation);

    public void Dispose()
    {
        rights.Changed -= NotifyChanged;
        changed.Dispose();
    }

    private Task<bool> PublishAsync(BrokerSession session, StatusMessage message, CancellationToken cancellation)
        => rights.TryAsync(session, topics.Status, () => session.PublishAsync(topics.Status, JsonSerializer.SerializeToUtf8Bytes(message, MessagingJson.Default.StatusMessage), retain: true, cancellation), cancellation);

    private Task<bool> PublishModelsAsync(BrokerSession session, StationSnapshot now, CancellationToken cancellation)
    {
        var message = new ModelsMessage(1, topics.Station, now.Model, now.Policy, time.GetUtcNow());
        return rights.TryAsync(session, topics.Models, () => session.PublishAsync(topics.Models, JsonSerializer.SerializeToUtf8Bytes(message, MessagingJson.Default.ModelsMessage), retain: true, cancellation), cancellation);
    }

    private StatusMessage Online(StationSnapshot now) => new()
    {
        Station = topics.Station,
        Online = true,
        State = now.State,
        Detail = now.Detail,
        Epoch = journal.Epoch,
        LastSequence = LastSequence,
        Recipe = now.Recipe,
        Model = now.Model,
        Policy = now.Policy,
        Cameras = now.Cameras,
        Shadow = now.Shadow,
        Backlog = outbox.Backlog,
        Undelivered = outbox.Undelivered,
        Loop = outbox.Loop,
        RefusedTopics = rights.Refused is { Count: > 0 } refused ? refused : null,
        Version = settings.Version,
        Time = time.GetUtcNow(),
    };

    private StatusMessage Offline(string state) => new()
    {
        Station = topics.Station,
        Online = false,
        State = state,
        Epoch = journal.Epoch,
        // A last will is written at connect, before the verdicts that follow: it names none.
        LastSequence = state == "lost" ? null : LastSequence,
        Version = settings.Version,
        Time = time.GetUtcNow(),
    };

    /// <summary>0 while the epoch has no verdict.</summary>
    private ulong LastSequence => journal.LastCommitted is var last && last.Epoch == journal.Epoch ? last.Sequence : 0;
}
