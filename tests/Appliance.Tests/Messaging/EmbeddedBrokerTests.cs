using System.Text.Json;
using Appliance.Messaging;

namespace Appliance.Tests.Messaging;

public sealed class EmbeddedBrokerTests : IDisposable
{
    private readonly TestDirectory state = new();

    public void Dispose() => state.Dispose();

    [Fact]
    public async Task Queue_AbsentSubscriberOverflows_KeepsTheNewestAndCountsTheRest()
    {
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Port = 0, BrokerQueueLimit = 100 });
        await (await MosquittoSubscriber.StartAsync(station.EmbeddedPort, "inspection/s1/verdicts/#", "plc")).DisposeAsync();
        for (var i = 0; i < 300; i++) station.Commit();
        await station.DrainedAsync();
        // What was written to the subscriber's socket before the broker saw its end is in no queue.
        var dropped = station.Embedded.Dropped;
        Assert.InRange(dropped, 100, 200);
        await using var plc = await MosquittoSubscriber.StartAsync(station.EmbeddedPort, "inspection/s1/verdicts/#", "plc");
        for (var sequence = 201ul; sequence <= 300; sequence++)
            Assert.Equal(sequence, JsonDocument.Parse((await plc.NextAsync()).Payload).RootElement.GetProperty("sequence").GetUInt64());
        // MQTTnet queues at return what it kept meanwhile: nothing was kept that had been dropped.
        Assert.Equal(dropped, station.Embedded.Dropped);
    }

    [Theory]
    [InlineData("inspection/s1/verdicts/c1")]
    [InlineData("inspection/s1/status")]
    [InlineData("inspection/s1/epoch")]
    [InlineData("inspection/s1/models")]
    [InlineData("inspection/s1/errors")]
    public async Task Publish_InTheStationsName_IsRefused(string topic)
    {
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Port = 0 });
        await using var plc = await MosquittoSubscriber.StartAsync(station.EmbeddedPort, "#");
        await SendAsync(station, topic, "-m", "forged");
        await SendAsync(station, "other/topic", "-m", "mine");
        Assert.Equal(("other/topic", "mine"), await plc.NextAsync((_, payload) => !payload.StartsWith('{')));
    }

    [Fact]
    public async Task Publish_TooLarge_IsRefused()
    {
        var file = Path.Combine(state.Path, "large");
        await File.WriteAllBytesAsync(file, new byte[BrokerGuard.PayloadLimitBytes + 1], TestContext.Current.CancellationToken);
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Port = 0 });
        await using var plc = await MosquittoSubscriber.StartAsync(station.EmbeddedPort, "other/#");
        await SendAsync(station, "other/large", "-f", file);
        await SendAsync(station, "other/small", "-m", "mine");
        Assert.Equal(("other/small", "mine"), await plc.NextAsync());
    }

    [Fact]
    public async Task Connect_WithTheStationsClientId_IsRefusedAndTheStationStays()
    {
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Port = 0 });
        station.Commit();
        await station.DrainedAsync();
        Assert.NotEqual(0, await SendAsync(station, "inspection/s1/trigger", "-m", "{}", "-i", "appliance-s1"));
        station.Commit();
        await station.DrainedAsync();
        Assert.Equal(1, station.Outbox.Connections);
    }

    private static async Task<int> SendAsync(TestStation station, string topic, params string[] more)
    {
        MissingTool.SkipWithout("/usr/bin/mosquitto_pub", "mosquitto-clients");
        return (await ProcessEnd.RunAsync(new("/usr/bin/mosquitto_pub", ["-V", "5", "-p", $"{station.EmbeddedPort}", "-q", "1", "-t", topic, .. more]))).Code;
    }
}
