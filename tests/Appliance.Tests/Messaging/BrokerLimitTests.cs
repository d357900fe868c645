using System.Collections.Concurrent;
using System.Net.Sockets;
using Appliance.Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;
using MQTTnet.Protocol;

namespace Appliance.Tests.Messaging;

/// <summary>What clients of the embedded broker cannot do to it.</summary>
public sealed class BrokerLimitTests : IDisposable
{
    private readonly TestDirectory state = new();

    public void Dispose() => state.Dispose();

    [Theory]
    [InlineData(10_000_000)]
    [InlineData(268_435_455)]
    public async Task Packet_TooLarge_IsRefusedByItsHeader(int length)
    {
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Port = 0 });
        using var client = new TcpClient("127.0.0.1", station.EmbeddedPort);
        var stream = client.GetStream();
        byte[] connect = [0x10, 14, 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 5, 2, 0, 60, 0, 0, 1, (byte)'x'];
        await stream.WriteAsync(connect, TestContext.Current.CancellationToken);
        var header = new byte[4];
        await stream.ReadExactlyAsync(header.AsMemory(0, 2), TestContext.Current.CancellationToken);
        await stream.ReadExactlyAsync(new byte[header[1]], TestContext.Current.CancellationToken);
        byte[] publish = [0x32, (byte)(length | 0x80), (byte)(length >> 7 | 0x80), (byte)(length >> 14 | 0x80), (byte)(length >> 21)];
        await stream.WriteAsync(publish, TestContext.Current.CancellationToken);
        await stream.ReadExactlyAsync(header, TestContext.Current.CancellationToken);
        Assert.Equal([0xE0, 0x02, 0x95, 0x00], header);
        client.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await stream.ReadAsync(header, TestContext.Current.CancellationToken));
        Assert.Equal(1, station.Embedded.Refused);
        station.Commit();
        await station.DrainedAsync();
    }

    [Fact]
    public async Task Queues_AboveTheLimit_EndTheSessionThatHoldsMost()
    {
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Port = 0, BrokerQueueMegabytes = 1 });
        await (await MosquittoSubscriber.StartAsync(station.EmbeddedPort, "other/#", "absent")).DisposeAsync();
        using var sender = await ClientAsync(station, "sender");
        for (var i = 0; i < 3; i++) await sender.PublishBinaryAsync("other/large", new byte[600_000], MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: TestContext.Current.CancellationToken);
        Assert.InRange(station.Embedded.QueuedBytes, 0, 1 << 20);
        await using var back = await MosquittoSubscriber.StartAsync(station.EmbeddedPort, "other/#", "absent");
        await sender.PublishStringAsync("other/small", "now", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(("other/small", "now"), await back.NextAsync());
        await TestStation.UntilAsync(() => station.Embedded.QueuedBytes == 0);
    }

    [Fact]
    public async Task Session_AwayTooLong_Ends()
    {
        var ended = new ConcurrentQueue<string>();
        var queues = new BrokerQueues("station", 1 << 20, TimeSpan.Zero, TimeProvider.System, (client, _) => ended.Enqueue(client));
        using var broker = await TestServer.StartAsync(queues.Watch);
        await using (await MosquittoSubscriber.StartAsync(broker.Port, "other/#", "absent")) await queues.SweepAsync();
        using var limit = new CancellationTokenSource(MosquittoSubscriber.Limit);
        while (ended.IsEmpty)
        {
            limit.Token.ThrowIfCancellationRequested();
            await queues.SweepAsync();
        }

        Assert.Equal(["absent"], ended);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("311")]
    public async Task Session_AwayForLessThanAllowed_Stays(string version)
    {
        var ended = new ConcurrentQueue<string>();
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var queues = new BrokerQueues("station", 1 << 20, TimeSpan.FromDays(1), time, (client, _) => ended.Enqueue(client));
        using var broker = await TestServer.StartAsync(server =>
        {
            queues.Watch(server);
            server.ClientDisconnectedAsync += _ =>
            {
                left.TrySetResult();
                return Task.CompletedTask;
            };
        });
        await (await MosquittoSubscriber.StartAsync(broker.Port, "other/#", "absent", version)).DisposeAsync();
        await left.Task.WaitAsync(MosquittoSubscriber.Limit, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromHours(23));
        await queues.SweepAsync();
        Assert.Empty(ended);
        time.Advance(TimeSpan.FromHours(2));
        await queues.SweepAsync();
        Assert.Equal(["absent"], ended);
    }

    [Fact]
    public async Task Connections_ThatNeverSayConnect_TakeNoClientsPlaceAndEnd()
    {
        var time = new FakeTimeProvider();
        var options = new MqttOptions { Port = 0, BrokerClientLimit = 1 };
        using var broker = new EmbeddedBroker(options, new Topics("s1"), time, NullLogger<EmbeddedBroker>.Instance);
        await broker.StartAsync(TestContext.Current.CancellationToken);
        var idle = new List<TcpClient>();
        for (var i = 0; i < BrokerListener.WaitingLimit + 20; i++) idle.Add(new TcpClient("127.0.0.1", broker.Port));
        await EndedAsync(idle[..20]);
        using (await ClientAsync(broker.Port, "first"))
        {
            time.Advance(BrokerListener.ConnectTime);
            await EndedAsync(idle);
        }

        Assert.Equal(idle.Count, broker.Refused);
        await broker.StopAsync(TestContext.Current.CancellationToken);
        foreach (var one in idle) one.Dispose();
    }

    [Fact]
    public async Task Stop_ConnectionThatNeverSaidConnect_IsNoFault()
    {
        using var broker = new EmbeddedBroker(new MqttOptions { Port = 0 }, new Topics("s1"), TimeProvider.System, NullLogger<EmbeddedBroker>.Instance);
        await broker.StartAsync(TestContext.Current.CancellationToken);
        using var idle = new TcpClient("127.0.0.1", broker.Port);
        using var half = new TcpClient("127.0.0.1", broker.Port);
        await half.GetStream().WriteAsync(new byte[] { 0x10 }, TestContext.Current.CancellationToken);
        // Taken after them.
        using (await ClientAsync(broker.Port, "first")) await broker.StopAsync(TestContext.Current.CancellationToken);
        await EndedAsync([idle, half]);
    }

    [Fact]
    public async Task Clients_ManyAtOnce_NeverPassTheLimitAndGiveTheirPlacesBack()
    {
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Port = 0, BrokerClientLimit = 5 });
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => TryAsync(station.EmbeddedPort, $"client-{i}"))));
        Assert.Equal(5, answers.Count(a => a.Code == MqttClientConnectResultCode.Success));
        Assert.All(answers.Where(a => a.Code != MqttClientConnectResultCode.Success), a => Assert.Equal(MqttClientConnectResultCode.QuotaExceeded, a.Code));
        Assert.Equal(5, station.Embedded.Clients);
        foreach (var (client, _) in answers) client.Dispose();
        await TestStation.UntilAsync(() => station.Embedded.Clients == 0);
    }

    [Fact]
    public async Task Clients_OneIdAgainAndAgain_TakesOnePlace()
    {
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Port = 0, BrokerClientLimit = 1 });
        for (var i = 0; i < 5; i++) (await ClientAsync(station, "same")).Dispose();
        using (await ClientAsync(station, "same"))
        using (await ClientAsync(station, "same"))
        {
            using var other = await ClientAsync(station, "other", MqttClientConnectResultCode.QuotaExceeded);
            await TestStation.UntilAsync(() => station.Embedded.Clients == 1);
        }

        await TestStation.UntilAsync(() => station.Embedded.Clients == 0);
    }

    [Fact]
    public async Task Client_OfMqtt311WithoutAnId_IsRefusedAndTakesNoPlace()
    {
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Port = 0, BrokerClientLimit = 1 });
        for (var i = 0; i < 3; i++)
        {
            using var client = new TcpClient("127.0.0.1", station.EmbeddedPort);
            byte[] connect = [0x10, 12, 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, 2, 0, 60, 0, 0];
            await client.GetStream().WriteAsync(connect, TestContext.Current.CancellationToken);
            var answer = new byte[4];
            await client.GetStream().ReadExactlyAsync(answer, Until.Cancellation);
            Assert.Equal([0x20, 2, 0, 2], answer);
        }

        Assert.Equal((0, 3L), (station.Embedded.Clients, station.Embedded.Refused));
        using var first = await ClientAsync(station, "first");
    }

    [Fact]
    public async Task Clients_OneTooMany_IsRefusedAndThePlaceIsFreeAgainLater()
    {
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Port = 0, BrokerClientLimit = 1 });
        await TestStation.UntilAsync(() => station.Outbox.IsConnected);
        using (await ClientAsync(station, "first"))
        {
            using var second = await ClientAsync(station, "second", MqttClientConnectResultCode.QuotaExceeded);
            Assert.Equal(1, station.Embedded.Refused);
        }

        await TestStation.UntilAsync(() => station.Embedded.Clients == 0);
        using var third = await ClientAsync(station, "third");
    }

    [Fact]
    public async Task Retain_TooLarge_IsRefused()
    {
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Port = 0 });
        using var client = await ClientAsync(station, "client");
        var result = await client.PublishBinaryAsync("other/large", new byte[BrokerGuard.RetainedLimitBytes + 1], MqttQualityOfServiceLevel.AtLeastOnce, retain: true, TestContext.Current.CancellationToken);
        Assert.Equal(MqttClientPublishReasonCode.QuotaExceeded, result.ReasonCode);
        result = await client.PublishBinaryAsync("other/small", new byte[10], MqttQualityOfServiceLevel.AtLeastOnce, retain: true, TestContext.Current.CancellationToken);
        Assert.True(result.IsSuccess);
    }

    [Fact]
    public async Task Flood_OfOneClient_DoesNotStarveTheVerdicts()
    {
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Port = 0 });
        await using var plc = await MosquittoSubscriber.StartAsync(station.EmbeddedPort, "inspection/s1/verdicts/#", "plc");
        using var client = await ClientAsync(station, "flood");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var sent = 0L;
        var flood = Task.Run(async () =>
        {
            var payload = new byte[1000];
            while (!over.IsCancellationRequested)
            {
                await client.PublishBinaryAsync("other/flood", payload, cancellationToken: CancellationToken.None);
                Interlocked.Increment(ref sent);
            }
        }, TestContext.Current.CancellationToken);
        await TestStation.UntilAsync(() => Interlocked.Read(ref sent) > 1000);
        for (var i = 0; i < 1000; i++) station.Commit();
        await station.DrainedAsync();
        for (var i = 0; i < 1000; i++) await plc.NextAsync();
        Assert.False(flood.IsCompleted);
        await over.CancelAsync();
        await flood;
    }

    private static async Task EndedAsync(IEnumerable<TcpClient> clients)
    {
        foreach (var one in clients)
        {
            try
            {
                Assert.Equal(0, await one.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask().WaitAsync(MosquittoSubscriber.Limit));
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // Reset, over bytes that nobody read, or before its stream was asked for.
            }
        }
    }

    private static async Task<(IMqttClient Client, MqttClientConnectResultCode Code)> TryAsync(int port, string id)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).WithClientId(id).Build();
        return (client, (await client.ConnectAsync(options, Until.Cancellation)).ResultCode);
    }

    private static Task<IMqttClient> ClientAsync(TestStation station, string id, MqttClientConnectResultCode expected = MqttClientConnectResultCode.Success) =>
        ClientAsync(station.EmbeddedPort, id, expected);

    private static async Task<IMqttClient> ClientAsync(int port, string id, MqttClientConnectResultCode expected = MqttClientConnectResultCode.Success)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).WithClientId(id).Build();
        Assert.Equal(expected, (await client.ConnectAsync(options, TestContext.Current.CancellationToken)).ResultCode);
        return client;
    }
}
