using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server;
using MQTTnet.Server.Internal;

namespace Appliance.Messaging;

/// <summary>
/// What the embedded broker keeps in memory for its subscribers: counted in bytes from the moment that a message is queued until it is acknowledged
/// or dropped. Beyond the limit the session that holds most ends, connected or not; so does one whose client stays away too long.
/// </summary>
/// <param name="ended">Told of a client whose session was ended, and why.</param>
internal sealed class BrokerQueues(string station, long limitBytes, TimeSpan absence, TimeProvider time, Action<string, string> ended)
{
    private const int OverheadBytes = 256;
    private readonly Lock gate = new();
    private readonly Dictionary<string, long> bytes = [];
    private readonly ConcurrentDictionary<string, MqttSession> sessions = new();
    private MqttServer server = null!;
    private long total;

    public long TotalBytes
    {
        get { lock (gate) return total; }
    }

    public void Watch(MqttServer broker)
    {
        server = broker;
        // A clean start throws the old session's queue away without a word.
        broker.ValidatingConnectionAsync += e => e.ReasonCode == MqttConnectReasonCode.Success && e.CleanSession == true && e.ClientId is { Length: > 0 } client ? Drop(client) : Task.CompletedTask;
        broker.InterceptingClientEnqueueAsync += AdmitAsync;
        broker.ClientAcknowledgedPublishPacketAsync += e => Release(e.ClientId, SizeOf(e.PublishPacket));
        broker.InterceptingOutboundPacketAsync += e => e.Packet is MqttPublishPacket { QualityOfServiceLevel: MqttQualityOfServiceLevel.AtMostOnce } sent ? Release(e.ClientId, SizeOf(sent)) : Task.CompletedTask;
        broker.QueuedApplicationMessageOverwrittenAsync += ForgetAsync;
        broker.ClientConnectedAsync += e => Renew(e.ClientId);
        broker.SessionDeletedAsync += e => Drop(e.Id);
    }

    /// <summary>Ends the sessions of clients that stayed away too long. MQTTnet keeps them for ever.</summary>
    public async Task SweepAsync()
    {
        var now = time.GetUtcNow().UtcDateTime;
        foreach (var session in await server.GetSessionsAsync())
        {
            // 0 is one of MQTT 3.1.1, which cannot say how long; MQTTnet ends those of MQTT 5 that ask for no time with their connection.
            var allowed = session.ExpiryInterval == 0 ? absence.TotalSeconds : Math.Min(absence.TotalSeconds, session.ExpiryInterval);
            if (session.DisconnectedTimestamp is not { } since || (now - since).TotalSeconds < allowed) continue;
            await session.DeleteAsync();
            ended(session.Id, "it stayed away too long");
        }
    }

    private async Task AdmitAsync(InterceptingClientApplicationMessageEnqueueEventArgs message)
    {
        var size = SizeOf(message.ApplicationMessage);
        string? largest = null;
        lock (gate)
        {
            if (total + size > limitBytes) largest = bytes.Where(b => b.Key != station).OrderByDescending(b => b.Value).Select(b => b.Key).FirstOrDefault(message.ReceiverClientId);
            message.AcceptEnqueue = largest is null || largest != message.ReceiverClientId;
            if (message.AcceptEnqueue)
            {
                bytes[message.ReceiverClientId] = bytes.GetValueOrDefault(message.ReceiverClientId) + size;
                total += size;
            }
        }

        if (largest is null || largest == station) return;
        foreach (var session in await server.GetSessionsAsync())
            if (session.Id == largest) await session.DeleteAsync();
        await Drop(largest);
        ended(largest, "the queues of all subscribers were full, and its was the largest");
    }

    /// <summary>MQTTnet drops a message from the queue and keeps it among the unacknowledged ones: an absent subscriber's memory would grow without end.</summary>
    private async Task ForgetAsync(QueueMessageOverwrittenEventArgs dropped)
    {
        if (dropped.Packet is not MqttPublishPacket packet) return;
        await Release(dropped.ReceiverClientId, SizeOf(packet));
        if (packet.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce) return;
        if (!sessions.TryGetValue(dropped.ReceiverClientId, out var session))
        {
            var status = (await server.GetSessionsAsync()).FirstOrDefault(s => s.Id == dropped.ReceiverClientId);
            if (status is null) return;
            sessions[dropped.ReceiverClientId] = session = SessionOf(status);
        }

        session.AcknowledgePublishPacket(packet.PacketIdentifier);
    }

    private Task Release(string client, long size)
    {
        lock (gate)
        {
            if (!bytes.TryGetValue(client, out var held)) return Task.CompletedTask;
            var less = Math.Min(held, size);
            bytes[client] = held - less;
            total -= less;
        }

        return Task.CompletedTask;
    }

    private Task Renew(string client)
    {
        sessions.TryRemove(client, out _);
        return Task.CompletedTask;
    }

    private Task Drop(string client)
    {
        sessions.TryRemove(client, out _);
        lock (gate)
        {
            if (bytes.Remove(client, out var held)) total -= held;
        }

        return Task.CompletedTask;
    }

    private static long SizeOf(MqttApplicationMessage message) => message.Payload.Length + (2 * message.Topic.Length) + OverheadBytes;

    private static long SizeOf(MqttPublishPacket packet) => packet.Payload.Length + (2 * packet.Topic.Length) + OverheadBytes;

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_session")]
    private static extern ref MqttSession SessionOf(MqttSessionStatus status);
}
