using System.Collections.Concurrent;
using Appliance.Messaging;

namespace Appliance.Tests.Messaging;

public sealed class LostConnectionTests : IDisposable
{
    private readonly TestDirectory state = new();

    public void Dispose() => state.Dispose();

    [Fact]
    public async Task Publish_ConnectionCutAgainAndAgain_EveryVerdictArrives()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var cable = new CuttableCable(broker.Port);
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/verdicts/#");
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = cable.Url });
        await CutAsync(station, cable, 20);
        await station.DrainedAsync();
        var seen = new HashSet<string>();
        while (seen.Count < 2000) seen.Add((await plc.NextAsync()).Payload);
    }

    [Fact]
    public async Task Connection_Cut_BrokerSaysLostThenTheStationIsBack()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var cable = new CuttableCable(broker.Port);
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/status");
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = cable.Url });
        await plc.NextAsync((_, payload) => IsOnline(payload));
        cable.Cut();
        Assert.Contains("\"state\":\"lost\"", (await plc.NextAsync((_, payload) => !IsOnline(payload))).Payload, StringComparison.Ordinal);
        await plc.NextAsync((_, payload) => IsOnline(payload));
    }

    [Fact]
    public async Task Connection_GoesSilent_TimesOutAndSendsEverythingLater()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var cable = new CuttableCable(broker.Port);
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        var options = new MqttOptions { Broker = cable.Url, PublishTimeout = TimeSpan.FromSeconds(0.5), KeepAlive = TimeSpan.FromSeconds(1) };
        await using var station = await TestStation.StartAsync(state.Path, options);
        await plc.NextAsync((topic, payload) => topic == "inspection/s1/status" && IsOnline(payload));
        cable.Silence();
        for (var i = 0; i < 10; i++) station.Commit();
        // Neither socket has ended: the station finds out by its time-out, the broker by its keep-alive.
        await plc.NextAsync((_, payload) => payload.Contains("\"state\":\"lost\"", StringComparison.Ordinal));
        Assert.Equal(1, station.Outbox.TimeOuts);
        Assert.Equal(10, station.Outbox.Backlog);
        cable.Speak();
        await station.DrainedAsync();
        await plc.NextAsync((_, payload) => payload.Contains("\"sequence\":10,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connection_CutWhilePublishing_LeavesNoExceptionUnobserved()
    {
        var unobserved = new ConcurrentQueue<Exception>();
        // Other tests of this process run meanwhile.
        void Note(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            if (e.Exception.InnerExceptions.Any(i => i is BrokerLostException || BrokerLostException.IsCommunication(i))) unobserved.Enqueue(e.Exception);
        }

        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            await using var broker = await MosquittoBroker.StartAsync();
            await using var cable = new CuttableCable(broker.Port);
            await using (var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = cable.Url })) await CutAsync(station, cable, 5);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.Empty(unobserved);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }
    }

    private static bool IsOnline(string payload) => payload.Contains("\"online\":true", StringComparison.Ordinal);

    private static async Task CutAsync(TestStation station, CuttableCable cable, int times)
    {
        for (var cut = 1; cut <= times; cut++)
        {
            var writing = station.WrittenOnConnectionAsync(cut);
            for (var i = 0; i < 100; i++) station.Commit();
            await writing;
            cable.Cut();
        }
    }
}
