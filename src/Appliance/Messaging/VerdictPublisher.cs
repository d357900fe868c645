using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;
using Appliance.Journal;
using Microsoft.Extensions.Logging;
using MQTTnet;

namespace Appliance.Messaging;

/// <summary>
/// Sends the journal's verdicts in its order, as they are, many at a time before the first acknowledgement. Any trouble ends the
/// connection, and the next one goes back to the first that was not acknowledged, and behind it by the resend span. What it passes over, it names.
/// </summary>
internal sealed class VerdictPublisher(
    StationJournal journal, Topics topics, AckTrail trail, EpochHistory epochs, OutboxBound bound, Gaps gaps, OutboxState state, TopicRights rights, TimeProvider time, ILogger<VerdictPublisher> logger)
{
    private readonly VerdictTopics verdictTopics = new(topics);

    /// <summary>Runs until the connection fails (<see cref="BrokerLostException"/>) or the cancellation. One at a time.</summary>
    public async Task RunAsync(BrokerSession session, CancellationToken cancellation)
    {
        // Bounded by the session's slots.
        var sent = Channel.CreateUnbounded<Sent>(new() { SingleReader = true, SingleWriter = true });
        try
        {
            await TaskGroup.RunAsync([c => SendAsync(session, sent.Writer, c), c => AcknowledgeAsync(session, sent.Reader, c)], cancellation);
        }
        finally
        {
            while (sent.Reader.TryRead(out var left)) session.Abandon(left.Aside ?? left.Started!);
        }
    }

    private async Task SendAsync(BrokerSession session, ChannelWriter<Sent> sent, CancellationToken cancellation)
    {
        var message = BrokerSession.NewMessage("");
        var announced = 0u;
        using var reader = new OutboxReader(journal, bound, gaps, trail.Rewind());
        while (true)
        {
            if (await reader.NextAsync() is not { } item)
            {
                if (announced != journal.Epoch) announced = await AnnounceAsync(session, journal.Epoch, sent, cancellation);
                await reader.WaitForMoreAsync(cancellation);
                continue;
            }

            if (item.Gap is { } gap)
            {
                await NameAsync(session, gap, sent, cancellation);
                continue;
            }

            if (announced != item.Id.Epoch) announced = await AnnounceAsync(session, item.Id.Epoch, sent, cancellation);
            await session.Slots.WaitAsync(cancellation);
            Start(session, message, Fill(message, item), sent);
            state.OnSent(item.Id, time.GetTimestamp());
        }
    }

    private Sent Fill(MqttApplicationMessage message, in OutboxItem item)
    {
        // The reader's bytes are valid until its next read; the message's must last until its acknowledgement.
        var payload = ArrayPool<byte>.Shared.Rent(item.Json.Length);
        item.Json.Span.CopyTo(payload);
        message.Topic = verdictTopics.Of(item.Json.Span);
        message.Payload = new(payload, 0, item.Json.Length);
        return new(item.Id, payload, true);
    }

    /// <summary>In the place of the verdicts that it names; acknowledged, it counts as the last of them.</summary>
    private async Task NameAsync(BrokerSession session, Gap gap, ChannelWriter<Sent> sent, CancellationToken cancellation)
    {
        await session.Slots.WaitAsync(cancellation);
        var content = new UndeliveredMessage(1, topics.Station, new(gap.From.Epoch, gap.From.Sequence), new(gap.To.Epoch, gap.To.Sequence), gap.Count, gap.Why, gap.At);
        await StartAsideAsync(session, topics.Undelivered, JsonSerializer.SerializeToUtf8Bytes(content, MessagingJson.Default.UndeliveredMessage), new(gap.To, null, true), sent, cancellation);
    }

    /// <summary>In the same pipeline, so that it precedes the epoch's verdicts.</summary>
    private async Task<uint> AnnounceAsync(BrokerSession session, uint epoch, ChannelWriter<Sent> sent, CancellationToken cancellation)
    {
        if (epochs.Find(epoch) is not { } fact)
        {
            logger.EpochUnknown(epoch);
            return epoch;
        }

        await session.Slots.WaitAsync(cancellation);
        var content = new EpochMessage(1, topics.Station, epoch, fact.PreviousEpoch, fact.LastSequenceRecovered, fact.Version, fact.At);
        await StartAsideAsync(session, topics.Epoch, JsonSerializer.SerializeToUtf8Bytes(content, MessagingJson.Default.EpochMessage), new(new(epoch, 0), null, false), sent, cancellation);
        return epoch;
    }

    /// <summary>What is no verdict keeps its turn, and does not stop them: where the broker forbids its topic, it counts as acknowledged.</summary>
    private async Task StartAsideAsync(BrokerSession session, string topic, byte[] payload, Sent what, ChannelWriter<Sent> sent, CancellationToken cancellation)
    {
        var alone = rights.IsSuspect(topic);
        Task answer = rights.TryAsync(session, topic, PublishAsync, cancellation);
        if (alone) await Task.WhenAny(answer);
        sent.TryWrite(what with { Aside = answer });

        Task PublishAsync()
        {
            var message = BrokerSession.NewMessage(topic);
            message.Payload = new(payload);
            var startedAt = time.GetTimestamp();
            return session.AcknowledgedAsync(session.Start(message), startedAt, topic, cancellation);
        }
    }

    private void Start(BrokerSession session, MqttApplicationMessage message, Sent what, ChannelWriter<Sent> sent)
    {
        var startedAt = time.GetTimestamp();
        var started = session.Start(message);
        sent.TryWrite(what with { Started = started, StartedAt = startedAt });
    }

    private async Task AcknowledgeAsync(BrokerSession session, ChannelReader<Sent> sent, CancellationToken cancellation)
    {
        await foreach (var one in sent.ReadAllAsync(cancellation))
        {
            await (one.Aside ?? session.AcknowledgedAsync(one.Started!, one.StartedAt, one.Id.ToString(), cancellation));
            session.Slots.Release();
            if (one.Payload is { } payload) ArrayPool<byte>.Shared.Return(payload);
            if (one.Moves) state.OnAcknowledged(one.Id);
        }
    }

    /// <summary>A message on its way.</summary>
    /// <param name="Payload">Rented; null for what is no verdict.</param>
    /// <param name="Moves">Its acknowledgement is that of <paramref name="Id"/>.</param>
    private readonly record struct Sent(InspectionId Id, byte[]? Payload, bool Moves)
    {
        /// <summary>The answer to a verdict.</summary>
        public Task<MqttClientPublishResult>? Started { get; init; }

        public long StartedAt { get; init; }

        /// <summary>The answer to what is no verdict.</summary>
        public Task? Aside { get; init; }
    }
}
