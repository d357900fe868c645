using Appliance.Messaging;

namespace Appliance.Tests.Messaging;

public sealed class StationStatusTests : IDisposable
{
    private readonly TestDirectory state = new();

    public void Dispose() => state.Dispose();

    [Fact]
    public async Task Connect_NewModel_ModelsMessageIsRetained()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var live = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/models");
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url });
        station.Snapshot = station.Snapshot with { Model = "m1", Policy = "p1" };
        station.Status.NotifyChanged();
        await live.NextAsync((_, payload) => payload.Contains("\"model\":\"m1\"", StringComparison.Ordinal));
        await using var late = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/models");
        Assert.Contains("\"policy\":\"p1\"", (await late.NextAsync()).Payload, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_PortInUse_SaysWhichAndWhatToDo()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        var error = await Assert.ThrowsAsync<BrokerException>(() => TestStation.StartAsync(state.Path, new MqttOptions { Port = broker.Port }));
        Assert.Contains($"Port {broker.Port}", error.Message, StringComparison.Ordinal);
        Assert.Contains("set Mqtt:Port to a free port", error.Message, StringComparison.Ordinal);
    }
}
