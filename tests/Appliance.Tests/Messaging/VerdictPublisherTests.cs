using System.Text;
using System.Text.Json;
using Appliance.Journal;
using Appliance.Messaging;

namespace Appliance.Tests.Messaging;

public sealed class VerdictPublisherTests : IDisposable
{
    private readonly TestDirectory state = new();

    public void Dispose() => state.Dispose();

    [Fact]
    public async Task Publish_FiveThousandToMosquitto_ArriveInOrderByteForByte()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url });
        for (var i = 0; i < 5000; i++) station.Commit(i % 3 == 0 ? "c2" : "c1", $"p-{i}");
        var epoch = await plc.NextAsync((topic, _) => topic == "inspection/s1/epoch");
        Assert.Equal(0ul, JsonDocument.Parse(epoch.Payload).RootElement.GetProperty("lastSequenceRecovered").GetUInt64());
        for (var i = 0; i < 5000; i++)
        {
            var (topic, payload) = await plc.NextAsync(IsVerdict);
            Assert.Equal(new InspectionId(station.Journal.Epoch, (ulong)i + 1), IdOf(payload));
            Assert.Equal(i % 3 == 0 ? "inspection/s1/verdicts/c2" : "inspection/s1/verdicts/c1", topic);
            Assert.Equal(Encoding.UTF8.GetString(station.Journal.ReadVerdict(IdOf(payload))!), payload);
        }

        await station.DrainedAsync();
        Assert.Equal(0, station.Outbox.Backlog);
    }

    [Fact]
    public async Task Publish_EmbeddedBroker_ArriveInOrder()
    {
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Port = 0 });
        await using var plc = await MosquittoSubscriber.StartAsync(station.EmbeddedPort, "inspection/s1/verdicts/#");
        for (var i = 0; i < 5000; i++) station.Commit();
        for (var i = 1ul; i <= 5000; i++) Assert.Equal(i, IdOf((await plc.NextAsync()).Payload).Sequence);
    }

    [Fact]
    public async Task Publish_BrokerKilledTwiceMeanwhile_EveryVerdictReachesThePersistentSession()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/verdicts/#", "plc");
        // From here on the session is on the broker's disk.
        await broker.StopAsync();
        await broker.StartAgainAsync();
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url, PublishTimeout = TimeSpan.FromSeconds(2) });
        for (var round = 1; round <= 2; round++)
        {
            var writing = station.WrittenOnConnectionAsync(round);
            for (var i = 0; i < 1000; i++) station.Commit();
            // Each kill hits a live connection, with verdicts on their way.
            await writing;
            await broker.KillAsync();
            for (var i = 0; i < 500; i++) station.Commit();
            await broker.StartAgainAsync();
        }

        for (var i = 0; i < 1000; i++) station.Commit();
        await station.DrainedAsync();
        Assert.True(station.Outbox.Connections >= 3, $"{station.Outbox.Connections} connections");
        var seen = new Dictionary<InspectionId, string>();
        while (seen.Count < 4000)
        {
            var (_, payload) = await plc.NextAsync();
            var id = IdOf(payload);
            if (seen.TryGetValue(id, out var before)) Assert.Equal(before, payload);
            else Assert.Equal(Encoding.UTF8.GetString(station.Journal.ReadVerdict(id)!), payload);
            seen[id] = payload;
        }
    }

    [Fact]
    public async Task WaitUntilDrained_DrainedBefore_WaitsForWhatCameSince()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url });
        station.Commit();
        await station.DrainedAsync();
        await broker.KillAsync();
        station.Commit();
        var again = station.DrainedAsync();
        Assert.False(again.IsCompleted);
        await broker.StartAgainAsync();
        await again;
        Assert.Equal(0, station.Outbox.Backlog);
    }

    [Fact]
    public async Task Start_NoBrokerYet_ConnectsLaterAndSendsEverything()
    {
        await using var broker = MosquittoBroker.Create();
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url });
        for (var i = 0; i < 100; i++) station.Commit();
        Assert.False(station.Outbox.IsConnected);
        Assert.Equal(100, station.Outbox.Backlog);
        await broker.StartAgainAsync();
        await station.DrainedAsync();
        Assert.Equal(0, station.Outbox.Backlog);
    }

    [Fact]
    public async Task Start_AfterRestart_GoesOnAfterTheAcknowledged()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        var options = new MqttOptions { Broker = broker.Url, ResendSpan = TimeSpan.Zero };
        await using (var first = await TestStation.StartAsync(state.Path, options))
        {
            for (var i = 0; i < 10; i++) first.Commit();
            await first.DrainedAsync();
        }

        await plc.NextAsync((topic, payload) => topic.EndsWith("/status", StringComparison.Ordinal) && payload.Contains("stopped", StringComparison.Ordinal));
        await using var second = await TestStation.StartAsync(state.Path, options);
        var id = second.Commit();
        var epoch = JsonDocument.Parse((await plc.NextAsync((topic, _) => topic is "inspection/s1/epoch" or "inspection/s1/verdicts/c1")).Payload);
        Assert.Equal(id.Epoch, epoch.RootElement.GetProperty("epoch").GetUInt32());
        Assert.Equal(10ul, epoch.RootElement.GetProperty("lastSequenceRecovered").GetUInt64());
        Assert.Equal(id, IdOf((await plc.NextAsync(IsVerdict)).Payload));
    }

    [Fact]
    public async Task Stop_InTheMiddleOfSubscribingAndPublishing_SaysStoppedAndNotLost()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/status");
        var options = new MqttOptions { Broker = broker.Url };
        for (var round = 0; round < 20; round++)
        {
            await using (var station = await TestStation.StartAsync(state.Path, options))
            {
                var written = station.WrittenOnConnectionAsync(1);
                station.Commit();
                await written;
            }

            var (_, end) = await plc.NextAsync((_, payload) => payload.Contains("\"online\":false", StringComparison.Ordinal));
            Assert.Contains("stopped", end, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Start_LostOutboxFileOfFewVerdicts_SendsAllOfThemWithBothEpochs()
    {
        await using var broker = MosquittoBroker.Create();
        var options = new MqttOptions { Broker = broker.Url, DrainTime = TimeSpan.Zero };
        await using (var first = await TestStation.StartAsync(state.Path, options))
            for (var i = 0; i < 3; i++) first.Commit();
        await File.WriteAllTextAsync(Path.Combine(state.Path, "outbox.json"), "{", TestContext.Current.CancellationToken);
        await broker.StartAgainAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        await using var second = await TestStation.StartAsync(state.Path, options);
        second.Commit();
        var order = new List<string>();
        while (order.Count < 6)
        {
            var (topic, payload) = await plc.NextAsync();
            if (topic == "inspection/s1/epoch") order.Add($"epoch {JsonDocument.Parse(payload).RootElement.GetProperty("epoch")}");
            if (IsVerdict(topic, payload)) order.Add(IdOf(payload).ToString());
        }

        Assert.Equal(["epoch 1", "1-1", "1-2", "1-3", "epoch 2", "2-1"], order);
    }

    [Fact]
    public async Task Connect_BrokerRefusesUser_SaysSoAndKeepsTheBacklog()
    {
        await using var broker = await MosquittoBroker.StartAsync("allow_anonymous false");
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url, User = "line" });
        station.Commit();
        await Until.HoldsAsync(() => station.Outbox.LastError is not null);
        Assert.Contains("Check Mqtt:User and Mqtt:PasswordFile", station.Outbox.LastError, StringComparison.Ordinal);
        Assert.Equal(1, station.Outbox.Backlog);
    }

    private static bool IsVerdict(string topic, string payload) => topic.StartsWith("inspection/s1/verdicts/", StringComparison.Ordinal);

    private static InspectionId IdOf(string payload)
    {
        using var json = JsonDocument.Parse(payload);
        return new(json.RootElement.GetProperty("epoch").GetUInt32(), json.RootElement.GetProperty("sequence").GetUInt64());
    }
}
