using System.Diagnostics;
using System.Text.Json;
using Appliance.Journal;
using Appliance.Messaging;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Appliance.Tests.Messaging;

/// <summary>A broker that forbids topics beside the verdicts'.</summary>
public sealed class TopicRightsTests : IDisposable
{
    private readonly TestDirectory state = new();

    public void Dispose() => state.Dispose();

    [Theory]
    [InlineData("command", "The line is paused and resumed over HTTP only")]
    [InlineData("trigger", "Triggers are taken over HTTP only")]
    [InlineData("epoch", "Readers are not told of a new epoch")]
    [InlineData("models", "Readers do not get it")]
    [InlineData("undelivered", "Readers are not told which verdicts will not come")]
    public async Task Connect_TopicForbidden_VerdictsGoOnAndTheStatusSaysWhatToDo(string name, string missed)
    {
        await using var broker = await ForbiddingAsync(name);
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        await GiveUpFirstAsync();
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url });
        for (var i = 0; i < 10; i++) station.Commit();
        await station.DrainedAsync();
        var (_, status) = await plc.NextAsync((topic, payload) => topic == "inspection/s1/status" && payload.Contains("refusedTopics", StringComparison.Ordinal));
        var refused = Assert.Single(JsonDocument.Parse(status).RootElement.GetProperty("refusedTopics").EnumerateArray().ToArray());
        Assert.Equal($"inspection/s1/{name}", refused.GetProperty("topic").GetString());
        Assert.Contains(missed, refused.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("Let clients without a user", refused.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Single(station.Log.Lines, line => line.Contains("forbids", StringComparison.Ordinal));
        // mosquitto 2.0.11 ends the connection over a refused message, and its answer may not be read before.
        Assert.InRange(station.Outbox.Connections, 1, 5);
    }

    [Fact]
    public async Task Trigger_RefusedWhereErrorsAreForbidden_IsTakenFromTheBrokerAndVerdictsGoOn()
    {
        await using var broker = await ForbiddingAsync("errors");
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url });
        await station.MqttTriggers.Subscribed;
        // Again and again: while the station connects anew, nobody hears.
        await Until.HoldsAsync(() => station.Rights.Refused.Count > 0, () => SendAsync(broker, "{"));
        await Until.HoldsAsync(() => !station.Triggers.IsEmpty, () => SendAsync(broker, """{"id":"t-1"}"""));
        station.Commit();
        await station.DrainedAsync();
        Assert.Single(station.Log.Lines, line => line.Contains("forbids", StringComparison.Ordinal));
        Assert.InRange(station.Outbox.Connections, 1, 5);
    }

    [Fact]
    public async Task Connect_BrokerSaysNotAuthorizedInEndingTheConnection_NextOneDoesWithout()
    {
        using var broker = await TestServer.StartAsync(server => server.InterceptingSubscriptionAsync += async e =>
        {
            if (e.TopicFilter.Topic != "inspection/s1/command") return;
            e.ProcessSubscription = false;
            await server.DisconnectClientAsync(e.ClientId, new MqttServerClientDisconnectOptions { ReasonCode = MqttDisconnectReasonCode.NotAuthorized });
        });
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url });
        await TestStation.UntilAsync(() => station.Outbox.Loop.State == "closed");
        station.Commit();
        await station.DrainedAsync();
        Assert.Equal("inspection/s1/command", Assert.Single(station.Rights.Refused).Topic);
        Assert.InRange(station.Outbox.Connections, 2, 4);
    }

    /// <summary>A station that has given up its first verdict, and has not said so yet.</summary>
    private async Task GiveUpFirstAsync()
    {
        await using var first = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = $"mqtt://127.0.0.1:{MosquittoBroker.FreePort()}", DrainTime = TimeSpan.Zero });
        first.Commit();
        await first.Journal.AppendDurableAsync(new VerdictsNotDelivered("1-1", "1-1", 1, "limit") { At = DateTimeOffset.UnixEpoch }, TestContext.Current.CancellationToken);
    }

    // By the plugin: the ACL file of mosquitto refuses no subscription.
    private async Task<MosquittoBroker> ForbiddingAsync(string name)
    {
        var file = Path.Combine(state.Path, "rights.json");
        await File.WriteAllTextAsync(file, $$"""
            {"defaultACLAccess":{"publishClientSend":true,"publishClientReceive":true,"subscribe":true,"unsubscribe":true},
             "clients":[],"groups":[{"groupname":"all","roles":[{"rolename":"station"}]}],"anonymousGroup":"all",
             "roles":[{"rolename":"station","acls":[
               {"acltype":"subscribeLiteral","topic":"inspection/s1/{{name}}","allow":false,"priority":1},
               {"acltype":"publishClientSend","topic":"inspection/s1/{{name}}","allow":{{(name is "trigger" or "command" ? "true" : "false")}},"priority":1}]}]}
            """, TestContext.Current.CancellationToken);
        return await MosquittoBroker.StartAsync($"plugin /usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so\nplugin_opt_config_file {file}");
    }

    private static async Task SendAsync(MosquittoBroker broker, string payload)
    {
        using var pub = Process.Start("/usr/bin/mosquitto_pub", ["-V", "5", "-p", $"{broker.Port}", "-q", "1", "-t", "inspection/s1/trigger", "-m", payload]);
        await pub.EndsAsync();
    }
}
