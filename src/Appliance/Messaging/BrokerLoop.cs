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
/// that is said, and verdicts go on.
/// </summary>
internal sealed class BrokerLoop(Topics topics, OutboxState state, StationStatus status, MessagingSettings settings, TimeProvider time, ILogger<BrokerLoop> logger)
{
    /// <summary>Brokers that end the connection over a forbidden topic are asked so often, and then for a while no more.</summary>
    private const int StrikeLimit = 3;
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(10);
    private readonly string run = Guid.NewGuid().ToString("n");
    private long probes;
    private int strikes;
    private long? refusedAt;
    private string? logged;
    private bool foreign;

    /// <summary>Runs until the connection fails (<see cref="BrokerLostException"/>) or the cancellation. One at a time.</summary>
    public async Task RunAsync(BrokerSession session, CancellationToken cancellation)
    {
        var back = Channel.CreateBounded<long>(new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.DropOldest });
        session.First = message => Take(message, back.Writer);
        if (strikes >= StrikeLimit) Refused($"The connection ended {strikes} times when {topics.Loop} was asked for.");
        while (true)
        {
            if (refusedAt is { } at && AskAgain - time.GetElapsedTime(at) is { Ticks: > 0 } left)
            {
                Say(new("refused"));
                await Task.Delay(left, time, cancellation);
            }

            await TryAsync(session, back.Reader, cancellation);
        }
    }

    /// <summary>Returns when the broker refuses.</summary>
    private async Task TryAsync(BrokerSession session, ChannelReader<long> back, CancellationToken cancellation)
    {
        // Counts when the connection ends before the broker has answered.
        strikes++;
        try
        {
            await session.SubscribeAsync(topics.Loop, cancellation);
            using var timer = new PeriodicTimer(settings.Mqtt.LoopPeriod, time);
            var delivered = false;
            do delivered |= await ProbeAsync(session, back, delivered, cancellation);
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (BrokerLostException e) when (e.IsRefusal)
        {
            Refused(e.Message);
        }
        catch (BrokerLostException e) when (e.IsTimeout)
        {
            strikes = 0;
            throw;
        }
    }

    /// <summary>True when the probe came back.</summary>
    private async Task<bool> ProbeAsync(BrokerSession session, ChannelReader<long> back, bool delivered, CancellationToken cancellation)
    {
        var probe = ++probes;
        var message = new LoopMessage(1, topics.Station, $"{run}-{probe}", time.GetUtcNow());
        var start = time.GetTimestamp();
        await session.PublishAsync(topics.Loop, JsonSerializer.SerializeToUtf8Bytes(message, MessagingJson.Default.LoopMessage), retain: false, cancellation);
        strikes = 0;
        if (await ReturnsAsync(session, back, probe, cancellation))
        {
            Say(new("closed", Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 3)));
            if (logged is not null) logger.LoopClosed();
            logged = null;
            return true;
        }

        if (delivered) throw new BrokerLostException($"It acknowledges but does not deliver: a probe on {topics.Loop} did not come back within {settings.Mqtt.PublishTimeout.TotalSeconds:0.###} s.") { IsTimeout = true };
        Open("silent", $"It acknowledges {topics.Loop} but does not deliver it. Allow user '{settings.Mqtt.User}' to read it, or see whether the broker delivers at all.");
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

    /// <summary>Holds for the connections to come as well: there are brokers that end one over it (mosquitto 2.0.11 sometimes, after it has answered).</summary>
    private void Refused(string problem)
    {
        (strikes, refusedAt) = (0, time.GetTimestamp());
        Open("refused", $"{problem} User '{settings.Mqtt.User}' needs to read and write {topics.Loop}.");
    }

    private void Open(string how, string problem)
    {
        Say(new(how));
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
