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
    [InlineData("""{"recipe":"../r"}""", "recipe is '../r'")]
    [InlineData("""{"part":"a\u0000b"}""", "control or invisible")]
    [InlineData("""{"deadlineMs":0}""", "deadlineMs is 0")]
    [InlineData("""{"deadlineMs":600001}""", "it takes 1 to 600000")]
    [InlineData("""{"deadlineMs":"800"}""", "at 'deadlineMs'")]
    [InlineData("""{"deadlineMs":1.5}""", "at 'deadlineMs'")]
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

    [Theory]
    [InlineData("""{"priority":{"id":"inner"},"id":"t-1","part":"p-1"}""", "t-1")]
    [InlineData("""{"id":"t-1","deadlineMs":"800"}""", "t-1")]
    [InlineData("""{"id":"t-1","part":""", "t-1")]
    [InlineData("""{"id":7,"idd":"x"}""", null)]
    public async Task Trigger_ThatIsNotWhatIsExpected_IsRefusedByItsIdWhereThatCanBeRead(string payload, string? id)
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        await using var station = await StartAsync(broker, plc);
        await SendAsync(broker, payload);
        var error = JsonDocument.Parse((await plc.NextAsync((topic, _) => topic == "inspection/s1/errors")).Payload).RootElement;
        Assert.Equal(id, error.TryGetProperty("id", out var named) ? named.GetString() : null);
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
        Assert.Contains("is retained", (await plc.NextAsync()).Payload, StringComparison.Ordinal);
        Assert.Empty(station.Triggers);
    }

    [Fact]
    public async Task Trigger_RetainedWhileItListensAndCleared_IsRefusedAndClearingIsNoTrigger()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        await using var station = await StartAsync(broker, plc);
        await SendAsync(broker, """{"id":"kept"}""", "-r");
        Assert.Contains("is retained", (await plc.NextAsync((topic, _) => topic == "inspection/s1/errors")).Payload, StringComparison.Ordinal);
        await SendAsync(broker, "", "-r");
        await SendAsync(broker, "{");
        await plc.NextAsync((topic, _) => topic == "inspection/s1/errors");
        Assert.Empty(station.Triggers);
        Assert.Equal((0, 2), (station.MqttTriggers.Accepted, station.MqttTriggers.Refused));
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

    [Fact]
    public async Task Command_PauseAndResume_ReachTheLine()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        await using var station = await StartAsync(broker, plc);
        await SendToAsync(broker, "command", """{"command":"pause","by":"anna","why":"tool change"}""");
        await SendToAsync(broker, "command", """{"command":"resume","by":"anna"}""");
        await SendToAsync(broker, "command", "{}");
        await plc.NextAsync((topic, _) => topic == "inspection/s1/errors");
        Assert.Equal([new("pause", "anna", "tool change"), new("resume", "anna", null)], station.Commands);
        Assert.Equal(0, station.MqttTriggers.Accepted);
    }

    [Theory]
    [InlineData("", "not the JSON expected")]
    [InlineData("not json", "not the JSON expected")]
    [InlineData("""{"command":"stop","by":"anna"}""", "There is no command 'stop'")]
    [InlineData("""{"command":"pause"}""", "'by' is empty")]
    [InlineData("""{"command":"pause","by":"a\u0007"}""", "control or invisible")]
    [InlineData("""{"command":["pause"],"by":"anna"}""", "not the JSON expected")]
    [InlineData("""{"command":"pause","by":"anna","force":true}""", "not the JSON expected")]
    public async Task Command_Hostile_IsAnsweredOnErrors(string payload, string expected)
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        await using var station = await StartAsync(broker, plc);
        await SendToAsync(broker, "command", payload);
        var error = JsonDocument.Parse((await plc.NextAsync((topic, _) => topic == "inspection/s1/errors")).Payload).RootElement;
        Assert.Equal("command", error.GetProperty("about").GetString());
        Assert.Contains(expected, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(station.Commands);
    }

    [Fact]
    public async Task Trigger_AFloodThatIsRefused_EveryOneIsAnsweredByItsId()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/errors");
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url });
        station.Answer = _ => new(new Refusal(RefusalReason.Overload, "Too many."));
        await station.MqttTriggers.Subscribed.WaitAsync(MosquittoSubscriber.Limit, TestContext.Current.CancellationToken);
        using var pub = Process.Start(new ProcessStartInfo("/usr/bin/mosquitto_pub", ["-V", "5", "-p", $"{broker.Port}", "-q", "1", "-t", "inspection/s1/trigger", "-l"]) { RedirectStandardInput = true })!;
        for (var i = 0; i < 300; i++) await pub.StandardInput.WriteLineAsync($$"""{"id":"t-{{i}}"}""");
        pub.StandardInput.Close();
        var answered = new List<string>();
        while (answered.Count < 300)
        {
            var error = JsonDocument.Parse((await plc.NextAsync()).Payload).RootElement;
            var ids = error.TryGetProperty("ids", out var several) ? several.EnumerateArray().Select(i => i.GetString()!).ToList() : [error.GetProperty("id").GetString()!];
            Assert.Equal(ids.Count, error.GetProperty("count").GetInt32());
            Assert.Equal("overload", error.GetProperty("reason").GetString());
            answered.AddRange(ids);
        }

        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"t-{i}"), answered.Distinct().OrderBy(t => int.Parse(t[2..], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(300, station.MqttTriggers.Refused);
    }

    private async Task<TestStation> StartAsync(MosquittoBroker broker, MosquittoSubscriber plc)
    {
        var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = broker.Url });
        await plc.NextAsync((topic, payload) => topic == "inspection/s1/status" && payload.Contains("\"online\":true", StringComparison.Ordinal));
        await station.MqttTriggers.Subscribed.WaitAsync(MosquittoSubscriber.Limit);
        return station;
    }

    private static Task SendAsync(MosquittoBroker broker, string payload, params string[] more) => SendToAsync(broker, "trigger", payload, more);

    private static async Task SendToAsync(MosquittoBroker broker, string level, string payload, params string[] more)
    {
        using var pub = Process.Start("/usr/bin/mosquitto_pub", ["-V", "5", "-p", $"{broker.Port}", "-q", "1", "-t", $"inspection/s1/{level}", "-m", payload, .. more]);
        Assert.Equal(0, await pub.EndsAsync());
    }
}
