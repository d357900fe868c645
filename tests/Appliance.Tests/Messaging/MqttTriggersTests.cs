using System.Diagnostics;
using System.Text.Json;
using Appliance.Journal;
using Appliance.Messaging;

namespace Appliance.Tests.Messaging;

public sealed class MqttTriggersTests : IDisposable
{
    private readonly TestDirectory state = new();

    public void Dispose() => state.Dispose();

    [Fact]
    public async Task Trigger_ValidCommand_ReachesTheInbox()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        await using var station = await StartAsync(broker, plc);
        await SendAsync(broker, """{"id":"t-1","camera":"c1","part":"p/1"}""");
        await SendAsync(broker, "{");
        await plc.NextAsync((topic, _) => topic == "inspection/s1/errors");
        var request = Assert.Single(station.Triggers);
        Assert.Equal(("t-1", "c1", "p/1", "r1"), (request.Id, request.Camera, request.Part, request.Recipe));
        Assert.Equal(1, station.MqttTriggers.Accepted);
    }

    [Theory]
    [InlineData("not json", "not the JSON expected")]
    [InlineData("[1]", "not the JSON expected")]
    [InlineData("null", "The command is null")]
    [InlineData("""{"id":7}""", "at 'id'")]
    [InlineData("""{"idd":"x"}""", "not the JSON expected")]
    [InlineData("""{"id":"a","id":"b"}""", "not the JSON expected")]
    [InlineData("""{"id":"a"} {"id":"b"}""", "not the JSON expected")]
    [InlineData("""{"id":""}""", "id has 0 characters")]
    [InlineData("""{"id":"a\u0007"}""", "control or invisible")]
    [InlineData("""{"camera":"c/#"}""", "camera is 'c/#'")]
    [InlineData("""{"recipe":"+"}""", "recipe is '+'")]
    public async Task Trigger_HostilePayload_IsAnsweredOnErrors(string payload, string expected)
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        await using var station = await StartAsync(broker, plc);
        await SendAsync(broker, payload);
        var error = await plc.NextAsync((topic, _) => topic == "inspection/s1/errors");
        Assert.Contains(expected, JsonDocument.Parse(error.Payload).RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(station.Triggers);
        Assert.Equal(1, station.MqttTriggers.Refused);
    }

    [Fact]
    public async Task Trigger_TooLarge_IsRefusedWithTheLimit()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        await using var station = await StartAsync(broker, plc);
        await SendAsync(broker, $$"""{"id":"{{new string('x', 5000)}}"}""");
        var error = await plc.NextAsync((topic, _) => topic == "inspection/s1/errors");
        Assert.Contains("at most 4096", error.Payload, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trigger_Retained_IsRefusedAtTheNextConnection()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await SendAsync(broker, """{"id":"old"}""", "-r");
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/errors");
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url });
        Assert.Contains("retained by the broker", (await plc.NextAsync()).Payload, StringComparison.Ordinal);
        Assert.Empty(station.Triggers);
    }

    [Fact]
    public async Task Trigger_JournalFails_IsAnsweredAndTheNextOneIsTaken()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        await using var station = await StartAsync(broker, plc);
        station.Answer = _ => throw new JournalException("No space is left on the disk.");
        await SendAsync(broker, """{"id":"t-1"}""");
        var error = JsonDocument.Parse((await plc.NextAsync((topic, _) => topic == "inspection/s1/errors")).Payload).RootElement;
        Assert.Equal("t-1", error.GetProperty("id").GetString());
        Assert.Contains("No space is left", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        station.Answer = _ => new();
        await SendAsync(broker, """{"id":"t-1"}""");
        await SendAsync(broker, "{");
        await plc.NextAsync((topic, _) => topic == "inspection/s1/errors");
        Assert.Equal(1, station.MqttTriggers.Accepted);
    }

    [Fact]
    public async Task Trigger_HasItsVerdict_ItIsPublishedAgain()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        await using var station = await StartAsync(broker, plc);
        var id = station.Commit("c2");
        var first = await plc.NextAsync((topic, _) => topic == "inspection/s1/verdicts/c2");
        await station.DrainedAsync();
        station.Answer = _ => new(Recorded: new(id, station.Journal.ReadVerdict(id)!));
        await SendAsync(broker, """{"id":"t-1"}""");
        Assert.Equal(first, await plc.NextAsync((topic, _) => topic.StartsWith("inspection/s1/verdicts", StringComparison.Ordinal)));
    }

    private async Task<TestStation> StartAsync(MosquittoBroker broker, MosquittoSubscriber plc)
    {
        var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url });
        await plc.NextAsync((topic, payload) => topic == "inspection/s1/status" && payload.Contains("\"online\":true", StringComparison.Ordinal));
        await station.MqttTriggers.Subscribed.WaitAsync(MosquittoSubscriber.Limit);
        return station;
    }

    private static async Task SendAsync(MosquittoBroker broker, string payload, params string[] more)
    {
        using var pub = Process.Start("/usr/bin/mosquitto_pub", ["-V", "5", "-p", $"{broker.Port}", "-q", "1", "-t", "inspection/s1/trigger", "-m", payload, .. more]);
        await pub.WaitForExitAsync();
        Assert.Equal(0, pub.ExitCode);
    }
}
