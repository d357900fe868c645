using System.Globalization;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Triggers;

/// <summary>More triggers than a line can have: each is judged or refused by name, none in silence, and others are answered meanwhile. <c>APPLIANCE_FLOOD</c> sets how many.</summary>
public sealed class FloodTests(ITestOutputHelper output)
{
    // Room for what 4,000 ids in a message, queues and collected garbage take; not for triggers that are kept.
    private const double GrowthLimitMb = 400;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Flood_OfTriggers_EveryOneIsJudgedOrRefused()
    {
        var flood = int.Parse(Environment.GetEnvironmentVariable("APPLIANCE_FLOOD") ?? "3000", CultureInfo.InvariantCulture);
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
        await using var station = new Station(Configurations.External(mosquitto.Port, Configurations.Triggered("cam1", "sim:plates"), Configurations.Triggered("cam2", "sim:plates?seed=2")));
        await station.StartAsync();
        await plc.UntilAsync("\"online\":true", Limit);
        var before = Resources.Of(station.Program.Id).MemoryMb;
        await using var controller = mosquitto.Publisher("inspection/line/trigger");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var others = AskAsync(station, over.Token);
        for (var i = 0; i < flood; i++) await controller.WriteLineAsync($$"""{"id":"t-{{i}}","camera":"cam1"}""");

        var status = await station.UntilAsync(
            "/api/v1/status", s => (long)s["commands"]!["accepted"]! + (long)s["commands"]!["refused"]! == flood && (long)s["outbox"]!["backlog"]! == 0, Limit, "all are taken or refused");
        await over.CancelAsync();
        var answered = await others;
        var answers = new Answers(id => id.StartsWith("t-", StringComparison.Ordinal));
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        await Until.HoldsAsync(() => answers.Read(plc.Lines) >= flood, async () => await beat.WaitForNextTickAsync(TestContext.Current.CancellationToken));
        output.WriteLine(FormattableString.Invariant($"{flood} triggers: {answers.Judged.Count} judged, {answers.Refused} refused, of these {answers.Named.Count} by their ids in {answers.Errors} messages; {answered} others answered meanwhile; resident {before:F0} MiB before, {Resources.Of(station.Program.Id).PeakMb:F0} MiB at the most"));
        Assert.Equal(flood, answers.Judged.Count + answers.Refused);
        Assert.True(answered > 0);
        Assert.InRange(Resources.Of(station.Program.Id).PeakMb - before, 0, GrowthLimitMb);
        Assert.Empty(answers.Judged.Intersect(answers.Named));
        Assert.Equal((answers.Judged.Count, answers.Refused), ((long)status["commands"]!["accepted"]!, (long)status["commands"]!["refused"]!));
        Assert.Equal(0, await station.Program.TerminateAsync());
        Assert.Equal(answers.Judged.Order(StringComparer.Ordinal), (await JournalFiles.VerdictsAsync(station.State)).Select(v => v.Trigger!).Where(t => t.StartsWith("t-", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        await JournalFiles.AssertIntactAsync(station.State);
    }

    /// <summary>Another controller, by HTTP and at another camera, in the usual rhythm of a line: each of its triggers gets its verdict. How many.</summary>
    private static async Task<int> AskAsync(Station station, CancellationToken over)
    {
        var answered = 0;
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            while (await beat.WaitForNextTickAsync(over))
            {
                var verdict = await station.PostAsync("/api/v1/triggers", new JsonObject { ["id"] = $"other-{answered}", ["camera"] = "cam2", ["deadlineMs"] = 60_000 });
                Assert.Equal("UNSURE", (string?)verdict["verdict"]);
                answered++;
            }
        }
        catch (OperationCanceledException)
        {
            // The flood is over.
        }

        return answered;
    }

    /// <summary>What the subscriber was told, read line by line as it comes.</summary>
    /// <param name="isOfFlood">Says it of a trigger's id.</param>
    private sealed class Answers(Func<string, bool> isOfFlood)
    {
        private int read;

        public HashSet<string> Judged { get; } = [];

        public HashSet<string> Named { get; } = [];

        public long Refused { get; private set; }

        public int Errors { get; private set; }

        public long Read(IReadOnlyList<string> lines)
        {
            // The last one is not whole yet.
            for (; read < lines.Count - 1; read++)
            {
                var (topic, payload) = (lines[read].Split(' ')[0], lines[read][(lines[read].IndexOf(' ', StringComparison.Ordinal) + 1)..]);
                if (topic.Contains("/verdicts/", StringComparison.Ordinal) && (string)JsonNode.Parse(payload)!["trigger"]! is var id && isOfFlood(id)) Judged.Add(id);
                if (topic.EndsWith("/errors", StringComparison.Ordinal)) Add(JsonNode.Parse(payload)!);
            }

            return Judged.Count + Refused;
        }

        private void Add(JsonNode error)
        {
            Errors++;
            Refused += (long)error["count"]!;
            if ((string?)error["id"] is { } id) Named.Add(id);
            foreach (var one in error["ids"]?.AsArray() ?? []) Named.Add((string)one!);
        }
    }
}
