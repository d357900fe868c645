using System.Security.Cryptography;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Appliance.Messaging;

/// <summary>
/// What clients of the embedded broker may not do: speak in the station's name, take its client id, or publish what is too large to keep.
/// </summary>
internal sealed class BrokerGuard(string stationClientId, Topics topics)
{
    /// <summary>A verdict has about 600 bytes, a command at most 4096.</summary>
    public const int PayloadLimitBytes = 1 << 20;

    /// <summary>Of this process: who knows it is the station.</summary>
    public string Password { get; } = RandomNumberGenerator.GetHexString(32);

    public Task ValidateConnection(ValidatingConnectionEventArgs connection)
    {
        // MQTTnet refuses a client without an id, which MQTT allows and mosquitto_sub makes use of.
        if (string.IsNullOrEmpty(connection.ClientId)) connection.AssignedClientIdentifier = $"auto-{Guid.NewGuid():n}";
        if (connection.ClientId == stationClientId && connection.Password != Password)
        {
            connection.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
            connection.ReasonString = "This client id is the station's own; take another one.";
        }

        return Task.CompletedTask;
    }

    public Task Intercept(InterceptingPublishEventArgs publish)
    {
        var message = publish.ApplicationMessage;
        if (publish.ClientId == stationClientId) return Task.CompletedTask;
        if (message.Payload.Length > PayloadLimitBytes) Refuse(publish, MqttPubAckReasonCode.QuotaExceeded, $"A payload takes at most {PayloadLimitBytes} bytes.");
        else if (topics.IsFromStation(message.Topic)) Refuse(publish, MqttPubAckReasonCode.NotAuthorized, $"Only the station publishes here; triggers go to {topics.Trigger}, commands to {topics.Command}.");
        return Task.CompletedTask;
    }

    private static void Refuse(InterceptingPublishEventArgs publish, MqttPubAckReasonCode code, string reason)
    {
        publish.ProcessPublish = false;
        publish.Response.ReasonCode = code;
        publish.Response.ReasonString = reason;
    }
}
