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
        for (var cut = 1; cut <= 20; cut++)
        {
            var writing = station.WrittenOnConnectionAsync(cut);
            for (var i = 0; i < 100; i++) station.Commit();
            await writing;
            cable.Cut();
        }

        await station.DrainedAsync();
        var seen = new HashSet<string>();
        while (seen.Count < 2000) seen.Add((await plc.NextAsync()).Payload);
    }
}
