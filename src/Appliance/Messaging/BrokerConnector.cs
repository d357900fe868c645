using System.Text.Json;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Appliance.Messaging;

/// <summary>Makes connections to the configured broker, each with the last will that declares the station lost.</summary>
internal sealed class BrokerConnector(MqttOptions options, Topics topics, EmbeddedBroker? embedded, TimeProvider time)
{
    private readonly MqttClientFactory factory = new();

    /// <summary>Host and port; of the embedded broker only once it has started.</summary>
    public BrokerAddress Address => embedded is null ? options.Address : new(true, embedded.Host, embedded.Port);

    /// <param name="lastWill">Null for who is no station.</param>
    /// <exception cref="BrokerLostException">Not reached, refused, or not in time.</exception>
    public async Task<BrokerSession> ConnectAsync(StatusMessage? lastWill, CancellationToken cancellation)
    {
        var client = factory.CreateMqttClient();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(options.PublishTimeout);
            var result = await client.ConnectAsync(Settings(lastWill), limit.Token);
            if (result.ResultCode != MqttClientConnectResultCode.Success) throw new BrokerLostException(Refusal(result));
            // MQTTnet's broker says 0 where it means no limit.
            var limitOfBroker = result.ReceiveMaximum is > 0 and var most ? most : ushort.MaxValue;
            return new BrokerSession(client, Math.Min(options.Window, limitOfBroker), options.PublishTimeout, TakenOver("It ended the connection because"), time);
        }
        catch (Exception e)
        {
            client.Dispose();
            if (cancellation.IsCancellationRequested || !BrokerLostException.IsCommunication(e)) throw;
            throw new BrokerLostException(e);
        }
    }

    /// <summary>What to do about another client of the same id.</summary>
    public string TakenOver(string how) => $"{how} another client connects with this station's client id '{options.ClientIdOf(topics.Station)}'. Give each its own Mqtt:ClientId, or stop the other one.";

    private MqttClientOptions Settings(StatusMessage? lastWill)
    {
        var address = Address;
        var builder = new MqttClientOptionsBuilder()
            .WithTcpServer(address.Host, address.Port)
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId(options.ClientIdOf(topics.Station))
            // A trigger that came while nobody was there is stale: no session outlives its connection.
            .WithCleanStart()
            .WithKeepAlivePeriod(options.KeepAlive)
            .WithTimeout(options.PublishTimeout);
        if (lastWill is not null)
        {
            builder.WithWillTopic(topics.Status)
                .WithWillPayload(JsonSerializer.SerializeToUtf8Bytes(lastWill, MessagingJson.Default.StatusMessage))
                .WithWillContentType("application/json")
                .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                .WithWillRetain();
        }

        if (embedded is not null) builder.WithCredentials(topics.Station, embedded.Password);
        else if (options.User is { } user) builder.WithCredentials(user, Password());
        return builder.Build();
    }

    // Read at each connect, so that a changed password needs no restart.
    private string? Password()
    {
        if (options.PasswordFile is not { } file) return null;
        try
        {
            return File.ReadLines(file).FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BrokerLostException($"The password file cannot be read ({e.Message}). Correct Mqtt:PasswordFile or its rights.", e);
        }
    }

    private string Who() => options.User is not { } user ? "a client without a user" : Password() is { Length: > 0 } ? $"user '{user}'" : $"user '{user}' without a password";

    private string Refusal(MqttClientConnectResult result) => result.ResultCode switch
    {
        MqttClientConnectResultCode.BadUserNameOrPassword or MqttClientConnectResultCode.NotAuthorized
            => $"It refuses {Who()} ({result.ResultCode}). Check Mqtt:User and Mqtt:PasswordFile.",
        MqttClientConnectResultCode.ClientIdentifierNotValid => "It refuses the client id. Set Mqtt:ClientId to one it takes.",
        MqttClientConnectResultCode.UnsupportedProtocolVersion => "It does not speak MQTT 5. Use a broker that does, for example mosquitto 2.",
        _ => $"It refuses the connection ({result.ResultCode} {Printable.Shorten(result.ReasonString)}).",
    };
}
