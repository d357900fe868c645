using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Messaging;
using Inference.Decisions;

namespace Appliance.Tests.Messaging;

/// <summary>The examples in docs/contract-mqtt.md have the members of what a station really sends.</summary>
public sealed partial class ContractExampleTests : IDisposable
{
    private readonly TestDirectory state = new();

    public void Dispose() => state.Dispose();

    [Fact]
    public async Task Examples_OfWhatIsSent_HaveTheSameMembersAndKinds()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var plc = await MosquittoSubscriber.StartAsync(broker.Port, "inspection/s1/#");
        await using var cable = new CuttableCable(broker.Port);
        await using var station = await TestStation.StartAsync(state.Path, new MqttOptions { Broker = cable.Url });
        station.Answer = request => new(new Refusal(RefusalReason.Invalid, $"There is no camera '{request.Camera}'; the station has c1."));
        station.Snapshot = station.Snapshot with { Model = new string('a', 64), Policy = new string('b', 64), Cameras = [new("c1", "reopening", 1, "its picture is frozen.")] };
        station.Status.NotifyChanged();
        await station.Journal.TryAcceptAsync(new TriggerAccepted("t-17", "c1", "p-17", "r1") { At = DateTimeOffset.UnixEpoch }, TestContext.Current.CancellationToken);
        station.Journal.Commit(Draft());
        var sent = new Dictionary<string, string>();
        await CollectAsync(plc, sent, "epoch", "verdict", "status", "models", "loop");
        await station.MqttTriggers.Subscribed.WaitAsync(MosquittoSubscriber.Limit, TestContext.Current.CancellationToken);
        await SendTriggerAsync(broker);
        await CollectAsync(plc, sent, "errors");
        cable.Cut();
        await CollectAsync(plc, sent, "lost");
        var examples = Examples();
        foreach (var (name, payload) in sent)
            Assert.True(examples.TryGetValue(name, out var example) && Shape(example) == Shape(payload), $"docs/contract-mqtt.md, {name}: a real one is\n{payload}");
    }

    [Fact]
    public void Example_OfATrigger_IsTaken()
    {
        Assert.True(TriggerCommand.TryParse(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(Examples()["trigger"])), out var command, out var problem), problem);
        Assert.All(new[] { command.Id, command.Camera, command.Part, command.Recipe }, Assert.NotNull);
    }

    [Fact]
    public void Example_OfACommand_IsTaken() =>
        Assert.True(LineCommand.TryParse(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(Examples()["command"])), out _, out var problem), problem);

    private static VerdictMessage Draft() => new()
    {
        Station = "s1", Camera = "c1", Part = "p-17", Recipe = "r1", Trigger = "t-17", Source = "plate-0017.png", GrabbedAt = DateTimeOffset.UnixEpoch,
        LatencyMs = new(0.1, 0.5, 7.25, 0.1, 8.2), Verdict = Verdict.Ng, Class = "scratch", Probability = 0.98f, Distance = 1.2f, Reason = Reasons.Confident,
        Detail = "For people.", Model = new string('a', 64), Policy = new string('b', 64),
    };

    /// <summary>The first of each kind with all its members.</summary>
    private static async Task CollectAsync(MosquittoSubscriber plc, Dictionary<string, string> sent, params string[] wanted)
    {
        using var limit = new CancellationTokenSource(MosquittoSubscriber.Limit);
        while (!wanted.All(sent.ContainsKey))
        {
            // Heartbeats go on for ever.
            limit.Token.ThrowIfCancellationRequested();
            var (topic, payload) = await plc.NextAsync();
            var level = topic.Split('/')[2];
            var name = level == "verdicts" ? "verdict" : level == "status" && payload.Contains("\"lost\"", StringComparison.Ordinal) ? "lost" : level;
            if (name is "status" or "models" && !payload.Contains("\"policy\"", StringComparison.Ordinal)) continue;
            if (name is "status" && !payload.Contains("\"roundTripMs\"", StringComparison.Ordinal)) continue;
            if (name != "trigger") sent.TryAdd(name, payload);
        }
    }

    private static async Task SendTriggerAsync(MosquittoBroker broker)
    {
        using var pub = System.Diagnostics.Process.Start(
            "/usr/bin/mosquitto_pub", ["-V", "5", "-p", $"{broker.Port}", "-q", "1", "-t", "inspection/s1/trigger", "-m", """{"id":"t-18","camera":"c9"}"""]);
        await pub.EndsAsync();
    }

    /// <summary>Fails unless the example of this name has the members of a real message.</summary>
    internal static void AssertShows(string name, string payload) => Assert.Equal(Shape(payload), Shape(Examples()[name]));

    /// <summary>Member names with the kinds of their values, in order of name; of a list its first element.</summary>
    private static string Shape(string json) => Shape(JsonDocument.Parse(json).RootElement);

    private static string Shape(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(",", value.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => $"{m.Name}:{Shape(m.Value)}"))}}}",
        JsonValueKind.Array => $"[{Shape(value.EnumerateArray().First())}]",
        JsonValueKind.True or JsonValueKind.False => "bool",
        var kind => kind.ToString(),
    };

    private static Dictionary<string, string> Examples()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Appliance.sln"))) root = root.Parent!;
        return Block().Matches(File.ReadAllText(Path.Combine(root.FullName, "docs", "contract-mqtt.md"))).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
    }

    [GeneratedRegex("```json ([a-z]+)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
