using System.Security.Cryptography;
using MQTTnet.Formatter;
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
    private readonly Lock gate = new();
    // Connections that have the leave, by client id; more than one while one takes the place of another.
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    private readonly HashSet<string> retained = [];

    /// <summary>Of this process: who knows it is the station.</summary>
    public string Password { get; } = RandomNumberGenerator.GetHexString(32);

    /// <summary>Connected, or about to be, without the station itself.</summary>
    public int Clients
    {
        get { lock (gate) return places.Count; }
    }

    /// <summary>Told of a client and what it did.</summary>
    public Action<string?, string>? Refused { get; set; }

    /// <summary>Gives the leave to connect, and a place with it: clients that come at once find it taken.</summary>
    public Task ValidateConnection(ValidatingConnectionEventArgs connection)
    {
        var id = connection.ClientId;
        if (string.IsNullOrEmpty(id))
        {
            // MQTTnet refuses a client without an id, which MQTT 5 allows and mosquitto_sub makes use of; it has no way to give one to an older client.
            if (connection.ProtocolVersion != MqttProtocolVersion.V500) return Refuse(connection, MqttConnectReasonCode.ClientIdentifierNotValid, "An MQTT 3.1.1 client needs a client id here.");
            connection.AssignedClientIdentifier = id = $"auto-{Guid.NewGuid():n}";
        }

        if (id == stationClientId)
        {
            return connection.Password == Password
                ? Task.CompletedTask
                : Refuse(connection, MqttConnectReasonCode.ClientIdentifierNotValid, "This client id is the station's own; take another one.");
        }

        return TryTakePlace(id)
            ? Task.CompletedTask
            : Refuse(connection, MqttConnectReasonCode.QuotaExceeded, $"{clientLimit} clients are connected; raise Mqtt:BrokerClientLimit.");
    }

    /// <summary>Also told when a connection takes the place of another of its id.</summary>
    public Task Disconnected(ClientDisconnectedEventArgs client)
    {
        lock (gate)
        {
            if (!places.TryGetValue(client.ClientId, out var connections)) return Task.CompletedTask;
            if (connections > 1) places[client.ClientId] = connections - 1;
            else places.Remove(client.ClientId);
        }

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

    private bool TryTakePlace(string id)
    {
        lock (gate)
        {
            var connections = places.GetValueOrDefault(id);
            if (connections == 0 && places.Count >= clientLimit) return false;
            places[id] = connections + 1;
            return true;
        }
    }

    private Task Refuse(ValidatingConnectionEventArgs connection, MqttConnectReasonCode code, string reason)
    {
        (connection.ReasonCode, connection.ReasonString) = (code, reason);
        Refused?.Invoke(connection.ClientId, $"it tried to connect: {reason}");
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
