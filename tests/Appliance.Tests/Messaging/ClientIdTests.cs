using Appliance.Messaging;
using MQTTnet;

namespace Appliance.Tests.Messaging;

/// <summary>Two clients with one id throw each other out; the station steps back and says which key to set.</summary>
public sealed class ClientIdTests : IDisposable
{
    private readonly TestDirectory state = new();

    public void Dispose() => state.Dispose();

    [Fact]
    public async Task Connection_BrokerSaysThatAnotherTookTheId_StaysAwayAndNamesTheKey()
    {
        using var broker = await TestServer.StartAsync(_ => { });
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url });
        await TestStation.UntilAsync(() => station.Outbox.Loop.State == "closed");
        await using var other = await MosquittoSubscriber.StartAsync(broker.Port, "other/#", "appliance-s1");
        await TestStation.UntilAsync(() => station.Outbox.LastError is not null);
        AssertNamesTheKey(station);
        Assert.Equal(1, station.Outbox.Connections);
    }

    [Fact]
    public async Task Connection_MosquittoSaysNothingAndTheOtherComesBackAgainAndAgain_StaysAwayAndNamesTheKey()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url });
        await TestStation.UntilAsync(() => station.Outbox.Loop.State == "closed");
        using var other = await RivalAsync(broker.Port, "appliance-s1");
        await TestStation.UntilAsync(() => station.Outbox.LastError?.Contains("Mqtt:ClientId", StringComparison.Ordinal) == true);
        AssertNamesTheKey(station);
        await TestStation.UntilAsync(() => other.IsConnected);
        Assert.InRange(station.Outbox.Connections, 1, ReconnectWaits.ShortLivedLimit);
    }

    private static void AssertNamesTheKey(TestStation station)
    {
        Assert.False(station.Outbox.IsConnected);
        Assert.Contains("another client connects with this station's client id 'appliance-s1'. Give each its own Mqtt:ClientId", station.Outbox.LastError, StringComparison.Ordinal);
    }

    /// <summary>Comes back each time that it is thrown out.</summary>
    private static async Task<IMqttClient> RivalAsync(int port, string id)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId(id).Build();
        client.DisconnectedAsync += _ => client.ConnectAsync(options);
        await client.ConnectAsync(options);
        return client;
    }
}
