using System.Collections.Concurrent;
using System.Security.Cryptography;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Appliance.Messaging;

/// <summary>
/// What clients of the embedded broker may not do: speak in the station's name, take its client id, publish or retain more than is kept, or
/// be too many.
/// </summary>
internal sealed class BrokerGuard(string stationClientId, Topics topics, int clientLimit)
{
    /// <summary>A verdict has about 600 bytes, a command at most 4096.</summary>
    public const int PayloadLimitBytes = 1 << 20;

    /// <summary>Retained messages of others, and how large each may be.</summary>
    public const int RetainedLimit = 1000;
    public const int RetainedLimitBytes = 64 << 10;
    private readonly ConcurrentDictionary<string, bool> clients = new();
    private readonly Lock gate = new();
    private readonly HashSet<string> retained = [];

    /// <summary>Of this process: who knows it is the station.</summary>
    public string Password { get; } = RandomNumberGenerator.GetHexString(32);

    /// <summary>Connected, without the station itself.</summary>
    public int Clients => clients.Count;

    /// <summary>Told of a client and what it did.</summary>
    public Action<string?, string>? Refused { get; set; }

    public Task ValidateConnection(ValidatingConnectionEventArgs connection)
    {
        // MQTTnet refuses a client without an id, which MQTT allows and mosquitto_sub makes use of.
        if (string.IsNullOrEmpty(connection.ClientId)) connection.AssignedClientIdentifier = $"auto-{Guid.NewGuid():n}";
        if (connection.ClientId == stationClientId)
        {
            if (connection.Password == Password) return Task.CompletedTask;
            connection.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
            connection.ReasonString = "This client id is the station's own; take another one.";
            Refused?.Invoke(connection.ClientId, "it connected with the station's client id");
        }
        else if (clients.Count >= clientLimit && !clients.ContainsKey(connection.ClientId ?? ""))
        {
            connection.ReasonCode = MqttConnectReasonCode.QuotaExceeded;
            connection.ReasonString = $"{clientLimit} clients are connected; raise Mqtt:BrokerClientLimit.";
            Refused?.Invoke(connection.ClientId, $"{clientLimit} clients are connected already");
        }

        return Task.CompletedTask;
    }

    public Task Connected(ClientConnectedEventArgs client)
    {
        if (client.ClientId != stationClientId) clients[client.ClientId] = true;
        return Task.CompletedTask;
    }

    public Task Disconnected(ClientDisconnectedEventArgs client)
    {
        // One that took its own place is still there.
        if (client.DisconnectType != MqttClientDisconnectType.Takeover) clients.TryRemove(client.ClientId, out _);
        return Task.CompletedTask;
    }

    public Task Intercept(InterceptingPublishEventArgs publish)
    {
        var message = publish.ApplicationMessage;
        if (publish.ClientId == stationClientId) return Task.CompletedTask;
        if (message.Payload.Length > PayloadLimitBytes) Refuse(publish, MqttPubAckReasonCode.QuotaExceeded, $"A payload takes at most {PayloadLimitBytes} bytes.");
        else if (topics.IsFromStation(message.Topic)) Refuse(publish, MqttPubAckReasonCode.NotAuthorized, $"Only the station publishes here; triggers go to {topics.Trigger}, commands to {topics.Command}.");
        else if (message.Retain && !MayRetain(message.Topic, message.Payload.Length)) Refuse(publish, MqttPubAckReasonCode.QuotaExceeded, $"{RetainedLimit} messages of at most {RetainedLimitBytes} bytes are retained.");
        return Task.CompletedTask;
    }

    private bool MayRetain(string topic, long bytes)
    {
        lock (gate)
        {
            if (bytes == 0) return retained.Remove(topic) || true;
            return bytes <= RetainedLimitBytes && (retained.Contains(topic) || (retained.Count < RetainedLimit && retained.Add(topic)));
        }
    }

    private void Refuse(InterceptingPublishEventArgs publish, MqttPubAckReasonCode code, string reason)
    {
        publish.ProcessPublish = false;
        publish.Response.ReasonCode = code;
        publish.Response.ReasonString = reason;
        Refused?.Invoke(publish.ClientId, $"it published on '{Printable.Shorten(publish.ApplicationMessage.Topic)}': {reason}");
    }
}
