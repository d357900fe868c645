using System.Text.Json;
using Appliance.Journal;
using Appliance.Messaging;
using Appliance.Recovery;
using Appliance.Tests.Journal;
using Appliance.Tests.Recovery;
using Inference.Files;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Files;

namespace Appliance.Tests.Messaging;

/// <summary>What the outbox gives up is named, on the wire in its place and in the journal for good.</summary>
public sealed class OutboxBoundTests : IDisposable
{
    private readonly TestDirectory state = new();

    public void Dispose() => state.Dispose();

    [Fact]
    public async Task Connect_BacklogBeyondTheLimit_NamesTheOldestAndSendsTheRest()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await PersistentAsync(broker);
        await broker.StopAsync();
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url, OutboxLimit = 100 });
        for (var i = 0; i < 1000; i++) station.Commit();
        await broker.StartAgainAsync();
        await station.DrainedAsync();
        var gap = await plc.NextAsync(IsOutbox);
        ContractExampleTests.AssertShows("undelivered", gap.Payload);
        Assert.Equal("1-1 to 1-910: 910 limit", Words(gap.Payload));
        for (var sequence = 911ul; sequence <= 1000; sequence++) Assert.Equal(new(1, sequence), IdOf((await plc.NextAsync(IsOutbox)).Payload));
        Assert.Equal((0, 910), (station.Outbox.Backlog, station.Outbox.Undelivered));
        Assert.Equal(("1-1", "1-910", 910L, "limit"), Assert.Single(Facts(station)));
        Assert.NotNull(station.Journal.ReadVerdict(new(1, 910)));
    }

    [Fact]
    public async Task Start_RecordedAndKilledBeforeItWasSaid_IsSaidAndPassedOver()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await PersistentAsync(broker);
        await broker.StopAsync();
        var options = new MqttOptions { Broker = broker.Url, DrainTime = TimeSpan.Zero };
        await using (var first = await TestStation.StartAsync(state.Path, options))
        {
            for (var i = 0; i < 10; i++) first.Commit();
            await first.Journal.AppendDurableAsync(new VerdictsNotDelivered("1-1", "1-7", 7, "limit") { At = DateTimeOffset.UnixEpoch }, TestContext.Current.CancellationToken);
        }

        await using var second = await TestStation.StartAsync(state.Path, options);
        second.Commit();
        Assert.Equal((4, 7), (second.Outbox.Backlog, second.Outbox.Undelivered));
        await broker.StartAgainAsync();
        Assert.Equal("1-1 to 1-7: 7 limit", Words((await plc.NextAsync(IsOutbox)).Payload));
        foreach (var id in new InspectionId[] { new(1, 8), new(1, 9), new(1, 10), new(2, 1) }) Assert.Equal(id, IdOf((await plc.NextAsync(IsOutbox)).Payload));
        await second.DrainedAsync();
        Assert.Single(Facts(second));
    }

    [Fact]
    public async Task Publish_BrokerSlowerThanTheLine_NamesWhatItSkipsAndKeepsTheOrder()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var broker = await TestServer.StartAsync(server => server.InterceptingPublishAsync += async e =>
        {
            if (e.ApplicationMessage.Topic.Contains("/verdicts/", StringComparison.Ordinal)) await gate.Task;
        });
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#", "plc");
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url, OutboxLimit = 100 });
        for (var i = 0; i < 1000; i++) station.Commit();
        gate.SetResult();
        var (next, given) = (1ul, 0ul);
        while (next <= 1000)
        {
            var (topic, payload) = await plc.NextAsync(IsOutbox);
            if (topic == "inspection/s1/undelivered")
            {
                var said = JsonDocument.Parse(payload).RootElement;
                Assert.Equal(next, said.GetProperty("from").GetProperty("sequence").GetUInt64());
                given += said.GetProperty("count").GetUInt64();
                next = said.GetProperty("to").GetProperty("sequence").GetUInt64() + 1;
            }
            else
            {
                Assert.Equal(next++, IdOf(payload).Sequence);
            }
        }

        await station.DrainedAsync();
        Assert.Equal(1, station.Outbox.Connections);
        Assert.True(given > 0);
        Assert.Equal((long)given, station.Outbox.Undelivered);
    }

    [Fact]
    public async Task Start_SegmentDeletedBeforeItWasDelivered_IsNamed()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await PersistentAsync(broker);
        await broker.StopAsync();
        var options = new MqttOptions { Broker = broker.Url, DrainTime = TimeSpan.Zero };
        var journal = new JournalOptions { SegmentBytes = 4096 };
        await using (var first = await TestStation.StartAsync(state.Path, options, journal))
            for (var i = 0; i < 100; i++) first.Commit();
        var verdicts = SegmentFiles.Directory(state.Path, StreamKind.Verdicts);
        File.Delete(SegmentFiles.PathOf(verdicts, 1));
        await using var second = await TestStation.StartAsync(state.Path, options, journal);
        await broker.StartAgainAsync();
        var said = JsonDocument.Parse((await plc.NextAsync(IsOutbox)).Payload).RootElement;
        Assert.Equal("deleted", said.GetProperty("why").GetString());
        Assert.Equal(1ul, said.GetProperty("from").GetProperty("sequence").GetUInt64());
        Assert.Equal(new(1, said.GetProperty("to").GetProperty("sequence").GetUInt64() + 1), IdOf((await plc.NextAsync(IsOutbox)).Payload));
        await second.DrainedAsync();
        Assert.Equal(0, second.Outbox.Backlog);
    }

    [Fact]
    public async Task Start_RepairLostVerdictsBeforeTheyWereDelivered_NamesThem()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await PersistentAsync(broker);
        await broker.StopAsync();
        var options = new MqttOptions { Broker = broker.Url, DrainTime = TimeSpan.Zero };
        await using (var first = await TestStation.StartAsync(state.Path, options))
            for (var i = 0; i < 10; i++) first.Commit();
        var path = SegmentFiles.PathOf(SegmentFiles.Directory(state.Path, StreamKind.Verdicts), 1);
        var (bytes, hit) = (File.ReadAllBytes(path), RawRecord.In(path).ElementAt(3));
        bytes.AsSpan(hit.Offset, 60).Fill(0x55);
        File.WriteAllBytes(path, bytes);
        Assert.True(StateExamination.Repair(LinuxFileSystem.Instance, state.Path, TimeProvider.System, new Progress(TextWriter.Null)).IsSound);
        await using var second = await TestStation.StartAsync(state.Path, options);
        await broker.StartAgainAsync();
        for (var sequence = 1ul; sequence <= 3; sequence++) Assert.Equal(new(1, sequence), IdOf((await plc.NextAsync(IsOutbox)).Payload));
        Assert.Equal("1-4 to 1-4: 1 deleted", Words((await plc.NextAsync(IsOutbox)).Payload));
        Assert.Equal(new(1, 5), IdOf((await plc.NextAsync(IsOutbox)).Payload));
        await second.DrainedAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{")]
    public async Task Start_OutboxFileLost_SendsTheLastOnesAgainAndNamesTheOthersAsUnknown(string? left)
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await PersistentAsync(broker);
        var options = new MqttOptions { Broker = broker.Url, ResendLimit = 10 };
        await using (var first = await TestStation.StartAsync(state.Path, options))
        {
            for (var i = 0; i < 50; i++) first.Commit();
            await first.DrainedAsync();
        }

        for (var sequence = 1ul; sequence <= 50; sequence++) Assert.Equal(new(1, sequence), IdOf((await plc.NextAsync(IsOutbox)).Payload));
        var outbox = Path.Combine(state.Path, "outbox.json");
        if (left is null) File.Delete(outbox);
        else await File.WriteAllTextAsync(outbox, left, TestContext.Current.CancellationToken);
        await using var second = await TestStation.StartAsync(state.Path, options);
        Assert.Equal("1-1 to 1-40: 40 unknown", Words((await plc.NextAsync(IsOutbox)).Payload));
        for (var sequence = 41ul; sequence <= 50; sequence++) Assert.Equal(new(1, sequence), IdOf((await plc.NextAsync(IsOutbox)).Payload));
        second.Commit();
        Assert.Equal(new(2, 1), IdOf((await plc.NextAsync(IsOutbox)).Payload));
        await second.DrainedAsync();
        Assert.Equal(("1-1", "1-40", 40L, "unknown"), Assert.Single(Facts(second)));
    }

    [Fact]
    public async Task Start_OutboxFileLostAndVerdictsDeleted_NamesAllThatCameBefore()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await PersistentAsync(broker);
        var (options, journal) = (new MqttOptions { Broker = broker.Url, ResendLimit = 10 }, new JournalOptions { SegmentBytes = 4096 });
        await using (var first = await TestStation.StartAsync(state.Path, options, journal))
        {
            for (var i = 0; i < 50; i++) first.Commit();
            await first.DrainedAsync();
        }

        for (var i = 0; i < 50; i++) await plc.NextAsync(IsOutbox);
        File.Delete(Path.Combine(state.Path, "outbox.json"));
        File.Delete(SegmentFiles.PathOf(SegmentFiles.Directory(state.Path, StreamKind.Verdicts), 1));
        await using var second = await TestStation.StartAsync(state.Path, options, journal);
        Assert.Equal("1-1 to 1-40: 40 unknown", Words((await plc.NextAsync(IsOutbox)).Payload));
        Assert.Equal(new(1, 41), IdOf((await plc.NextAsync(IsOutbox)).Payload));
        await second.DrainedAsync();
        Assert.Single(Facts(second));
    }

    [Fact]
    public async Task Start_ForTheFirstTime_WritesTheOutboxFileBeforeAnyVerdictAndNamesNothing()
    {
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = $"mqtt://127.0.0.1:{MosquittoBroker.FreePort()}" });
        Assert.True(File.Exists(Path.Combine(state.Path, "outbox.json")));
        Assert.Empty(Facts(station));
    }

    [Fact]
    public async Task Enforce_DiskThatConfirmsNothing_HasAWayOutAndRecordsTheSameOnceItIsWell()
    {
        var files = new FaultyFileSystem(LinuxFileSystem.Instance);
        await using var journal = StationJournal.Open(files, state.Path, "s1", TimeProvider.System, NullLogger.Instance);
        var (gaps, epochs) = (new Gaps(journal), new EpochHistory(journal));
        var settings = new MessagingSettings("s1", state.Path, "0.1.0", new MqttOptions { OutboxLimit = 100, PublishTimeout = TimeSpan.FromMilliseconds(200) });
        var trail = new AckTrail(null, TimeSpan.Zero, 0, TimeProvider.System);
        var bound = new OutboxBound(journal, trail, epochs, gaps, settings, TimeProvider.System, NullLogger<OutboxBound>.Instance);
        for (var i = 0; i < 1000; i++) journal.Commit(JournalBench.Draft());
        files.FailWhen = (operation, path) => operation is FileOperation.Sync && path.Contains("facts", StringComparison.Ordinal);

        for (var i = 0; i < 3; i++) await bound.EnforceAsync(default).WaitAsync(Until.Limit, TestContext.Current.CancellationToken);
        Assert.Equal(0, gaps.Total);

        files.FailWhen = null;
        await Until.HoldsAsync(() => journal.Trouble is not null);
        journal.Mend();
        await bound.EnforceAsync(default);
        Assert.Equal(910, gaps.Total);
        Assert.Equal(("1-1", "1-910", 910L, "limit"), Assert.Single(journal.ReadFacts().OfType<VerdictsNotDelivered>().Select(f => (f.From, f.To, f.Count, f.Why))));
    }

    private static async Task<MosquittoSubscriber> PersistentAsync(MosquittoBroker broker)
    {
        var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#", "plc");
        // From here on the session is on the broker's disk.
        await broker.StopAsync();
        await broker.StartAgainAsync();
        return plc;
    }

    private static bool IsOutbox(string topic, string payload) => topic == "inspection/s1/undelivered" || topic.StartsWith("inspection/s1/verdicts/", StringComparison.Ordinal);

    private static List<(string, string, long, string)> Facts(TestStation station)
        => [.. station.Journal.ReadFacts().OfType<VerdictsNotDelivered>().Select(f => (f.From, f.To, f.Count, f.Why))];

    private static string Words(string payload)
    {
        using var json = JsonDocument.Parse(payload);
        var root = json.RootElement;
        return $"{IdOf(root.GetProperty("from"))} to {IdOf(root.GetProperty("to"))}: {root.GetProperty("count")} {root.GetProperty("why")}";
    }

    private static InspectionId IdOf(string payload)
    {
        using var json = JsonDocument.Parse(payload);
        return IdOf(json.RootElement);
    }

    private static InspectionId IdOf(JsonElement element) => new(element.GetProperty("epoch").GetUInt32(), element.GetProperty("sequence").GetUInt64());
}
