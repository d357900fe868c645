using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MQTTnet;

namespace Appliance.Messaging;

/// <summary>
/// Sends a probe to itself through the broker, again and again. A broker that is silent, or that acknowledges and stops to deliver, is
/// found without any traffic, and the connection is made anew. One that never delivered a probe on this connection may just not allow it:
/// that is said, and verdicts go on. Where it forbids the topic, a ping still finds a dead connection as soon.
/// </summary>
internal sealed class BrokerLoop(Topics topics, OutboxState state, TopicRights rights, StationStatus status, MessagingSettings settings, TimeProvider time, ILogger<BrokerLoop> logger)
{
    private readonly string run = Guid.NewGuid().ToString("n");
    private long probes;
    private string? logged;
    private bool foreign;

    /// <summary>Runs until the connection fails (<see cref="BrokerLostException"/>) or the cancellation. One at a time.</summary>
    public async Task RunAsync(BrokerSession session, CancellationToken cancellation)
    {
        var back = Channel.CreateBounded<long>(new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest });
        session.First = message => Take(message, back.Writer);
        var (subscribed, delivered) = (false, false);
        using var timer = new PeriodicTimer(settings.Mqtt.LoopPeriod, time);
        do
        {
            var start = 0L;
            subscribed = await rights.TryAsync(session, topics.Loop, subscribed ? ProbeAsync : BeginAsync, cancellation);
            if (subscribed) delivered |= await HearAsync(session, back.Reader, start, delivered, cancellation);
            else await PingAsync(session, cancellation);

            async Task BeginAsync()
            {
                await session.SubscribeAsync(topics.Loop, cancellation);
                await ProbeAsync();
            }

            Task ProbeAsync()
            {
                start = time.GetTimestamp();
                return SendAsync(session, ++probes, cancellation);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }

    private Task PingAsync(BrokerSession session, CancellationToken cancellation)
    {
        Say(new("refused"));
        return session.PingAsync(cancellation);
    }

    private Task SendAsync(BrokerSession session, long probe, CancellationToken cancellation)
    {
        var message = new LoopMessage(1, topics.Station, $"{run}-{probe}", time.GetUtcNow());
        return session.PublishAsync(topics.Loop, JsonSerializer.SerializeToUtf8Bytes(message, MessagingJson.Default.LoopMessage), retain: false, cancellation);
    }

    /// <summary>True when the probe that was sent last came back.</summary>
    private async Task<bool> HearAsync(BrokerSession session, ChannelReader<long> back, long start, bool delivered, CancellationToken cancellation)
    {
        if (await ReturnsAsync(session, back, probes, cancellation))
        {
            Say(new("closed", Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 3)));
            if (logged is not null) logger.LoopClosed();
            logged = null;
            return true;
        }

        if (delivered) throw new BrokerLostException($"It acknowledges but does not deliver: a probe on {topics.Loop} did not come back within {settings.Mqtt.PublishTimeout.TotalSeconds:0.###} s.") { IsTimeout = true };
        Silent($"It acknowledges {topics.Loop} but does not deliver it. Let {settings.Mqtt.Who} read it, or see whether the broker delivers at all.");
        return false;
    }

    /// <summary>False when it does not come in time, unless we ourselves are what it waits for.</summary>
    private async Task<bool> ReturnsAsync(BrokerSession session, ChannelReader<long> back, long probe, CancellationToken cancellation)
    {
        while (true)
        {
            using var late = new CancellationTokenSource(settings.Mqtt.PublishTimeout, time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
            try
            {
                // Older ones were given up before.
                if (await back.ReadAsync(limit.Token) == probe) return true;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // Triggers before it may still be being written down.
                if (!session.IsReceiving) return false;
            }
        }
    }

    /// <summary>False for a message of another topic.</summary>
    private bool Take(MqttApplicationMessage message, ChannelWriter<long> back)
    {
        if (message.Topic != topics.Loop) return false;
        if (Read(message.Payload) is { } probe)
        {
            back.TryWrite(probe);
        }
        else if (!foreign)
        {
            foreign = true;
            logger.LoopForeign(topics.Loop, topics.Station);
        }

        return true;
    }

    private void Silent(string problem)
    {
        Say(new("silent"));
        if (logged != problem) logger.LoopOpen(problem);
        logged = problem;
    }

    private void Say(LoopState now)
    {
        var news = now.State != state.Loop.State;
        state.OnLoop(now);
        if (news) status.NotifyChanged();
    }

    private long? Read(in ReadOnlySequence<byte> payload)
    {
        if (payload.Length > 1024) return null;
        var text = Encoding.UTF8.GetString(payload);
        var at = text.IndexOf(run, StringComparison.Ordinal);
        if (at < 0) return null;
        var number = text.AsSpan(at + run.Length + 1);
        return long.TryParse(number[..Math.Max(0, number.IndexOf('"'))], out var probe) ? probe : null;
    }
}
