using System.Diagnostics;
using System.Text.Json.Nodes;
using Appliance.Capture;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Models;
using Appliance.Tests.Web;
using Inference.Decisions;
using Json.Schema;
using Microsoft.Extensions.DependencyInjection;
using OpenCvSharp;

namespace Appliance.Tests.Messaging;

/// <summary>A session of the whole service at a real mosquitto: every message that a subscriber gets is what docs/schemas says.</summary>
public sealed class RealMessageTests
{
    private static readonly Dictionary<string, JsonSchema> Schemas =
        MessageSchemas.Types.Keys.ToDictionary(n => n, n => SchemaCheck.Strict(JsonNode.Parse(File.ReadAllText(MessageSchemaTests.PathOf(n)))!));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_OfASession_AreWhatTheSchemasSay()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        await using var cable = new CuttableCable(broker.Port);
        await using var station = new WebStation();
        var pictures = Directory.CreateDirectory(station.Bench.PathOf("pictures")).FullName;
        var options = station.Bench.Options;
        options.Cameras = [new() { Name = "c1", Source = $"folder:{pictures}?watch=true", Mode = CameraMode.Trigger }];
        options.Mqtt = new() { Broker = cable.Url, OutboxLimit = 100 };
        var model = station.Bench.AddModel();
        await station.InitializeAsync();
        var seen = new HashSet<string>(StringComparer.Ordinal);

        await UntilAsync("status closed");
        await ShowAsync("no-model", new Scalar(0, 0, 255));
        await UntilAsync("verdict UNSURE");
        Assert.Null(await station.Services.GetRequiredService<LiveModel>().PromoteAsync(model, "anna", "a test", Cancellation));
        await UntilAsync("models with");
        await ShowAsync("red", new Scalar(0, 0, 255));
        await UntilAsync("verdict OK");
        await ShowAsync("green", new Scalar(0, 255, 0));
        await UntilAsync("verdict NG");
        await SendAsync("trigger", """{"id":"late","deadlineMs":1}""");
        await UntilAsync("verdict FAULT");
        await SendAsync("command", """{"command":"pause","by":"anna","why":"tool change"}""");
        await UntilAsync("status paused");
        await SendAsync("trigger", """{"id":"refused"}""");
        await UntilAsync("errors paused");
        await SendAsync("command", """{"command":"resume","by":"anna"}""");
        await UntilAsync("status running");
        await SendAsync("command", "rubbish");
        await UntilAsync("errors invalid");
        for (var i = 0; i < 20; i++) await SendAsync("trigger", $$"""{"id":"many-{{i}}","camera":"c9"}""");
        await UntilAsync("errors together");

        // More than the outbox takes while nothing passes.
        cable.Silence();
        var journal = station.Services.GetRequiredService<StationJournal>();
        for (var i = 0; i < 500; i++) journal.Commit(VerdictMessage.Fault("s1", "c1", null, "default", null, DateTimeOffset.UnixEpoch, 0, Reasons.Camera, "A test."));
        cable.Speak();
        await UntilAsync("undelivered");
        await station.StopAsync();
        await UntilAsync("status stopped");

        await using var again = new WebStation();
        again.Bench.Options.Mqtt = new() { Broker = cable.Url };
        await again.InitializeAsync();
        await UntilAsync("status running");
        cable.Cut();
        await UntilAsync("status lost");
        Assert.Superset(new HashSet<string> { "epoch", "loop" }, seen);

        async Task ShowAsync(string name, Scalar colour)
        {
            using (var picture = new Mat(6, 8, MatType.CV_8UC3, colour)) Cv2.ImWrite(Path.Combine(pictures, name + ".png"), picture);
            await SendAsync("trigger", $$"""{"id":"{{name}}","part":"p-{{name}}","recipe":"r1","deadlineMs":15000}""");
        }

        async Task SendAsync(string level, string payload)
        {
            using var pub = Process.Start("/usr/bin/mosquitto_pub", ["-V", "5", "-p", $"{broker.Port}", "-q", "1", "-t", $"inspection/s1/{level}", "-m", payload]);
            await pub.EndsAsync();
        }

        async Task UntilAsync(string wanted)
        {
            seen.Remove(wanted);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            limit.CancelAfter(TimeSpan.FromSeconds(60));
            while (!seen.Contains(wanted))
            {
                Assert.False(limit.IsCancellationRequested, $"No message was '{wanted}'; there were {string.Join(", ", seen)}.");
                var (topic, payload) = await plc.NextAsync();
                var level = topic.Split('/')[2];
                var name = level == "verdicts" ? "verdict" : level;
                // What others sent is not the station's.
                if (name is "trigger" or "command") continue;
                if (SchemaCheck.Problem(Schemas[name], payload) is { } problem) Assert.Fail($"docs/schemas/{name}.json: {problem}\n{payload}");
                foreach (var kind in Kinds(name, JsonNode.Parse(payload)!)) seen.Add(kind);
            }
        }
    }

    private static IEnumerable<string> Kinds(string name, JsonNode message)
    {
        yield return name;
        if (name == "verdict") yield return $"verdict {message["verdict"]}";
        if (name == "status") yield return $"status {message["state"]}";
        if (name == "status" && message["loop"] is { } loop) yield return $"status {loop["state"]}";
        if (name == "models" && message["model"] is not null) yield return "models with";
        if (name == "errors") yield return message["ids"] is null ? $"errors {message["reason"]}" : "errors together";
    }
}
