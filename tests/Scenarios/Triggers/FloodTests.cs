using System.Globalization;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Triggers;

/// <summary>More triggers than a line can have: each is judged or refused by name, none in silence. FLOOD=100000 floods with as many.</summary>
public sealed class FloodTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Flood_OfTriggers_EveryOneIsJudgedOrRefused()
    {
        var flood = int.Parse(Environment.GetEnvironmentVariable("FLOOD") ?? "3000", CultureInfo.InvariantCulture);
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
        await using var station = new Station(Configurations.External(mosquitto.Port, Configurations.Triggered("cam1", "sim:plates")));
        await station.StartAsync();
        await plc.UntilAsync("\"online\":true", Limit);
        var before = Resources.Of(station.Program.Id).MemoryMb;
        await using var controller = mosquitto.Publisher("inspection/line/trigger");
        for (var i = 0; i < flood; i++) await controller.WriteLineAsync($$"""{"id":"t-{{i}}"}""");

        var status = await station.UntilAsync(
            "/api/v1/status", s => (long)s["commands"]!["accepted"]! + (long)s["commands"]!["refused"]! == flood && (long)s["outbox"]!["backlog"]! == 0, Limit, "all are taken or refused");
        var answers = new Answers();
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        await Until.HoldsAsync(() => answers.Read(plc.Lines) >= flood, async () => await beat.WaitForNextTickAsync(TestContext.Current.CancellationToken));
        output.WriteLine(FormattableString.Invariant($"{flood} triggers: {answers.Judged.Count} judged, {answers.Refused} refused, of these {answers.Named.Count} by their ids in {answers.Errors} messages; resident {before:F0} MiB before, {Resources.Of(station.Program.Id).PeakMb:F0} MiB at the most"));
        Assert.Equal(flood, answers.Judged.Count + answers.Refused);
        Assert.Empty(answers.Judged.Intersect(answers.Named));
        Assert.Equal((answers.Judged.Count, answers.Refused), ((long)status["commands"]!["accepted"]!, (long)status["commands"]!["refused"]!));
        Assert.Equal(0, await station.Program.TerminateAsync());
        Assert.Equal(answers.Judged.Order(StringComparer.Ordinal), (await JournalFiles.VerdictsAsync(station.State)).Select(v => v.Trigger!).Order(StringComparer.Ordinal));
        await JournalFiles.AssertIntactAsync(station.State);
    }

    /// <summary>What the subscriber was told, read line by line as it comes.</summary>
    private sealed class Answers
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
                if (topic.Contains("/verdicts/", StringComparison.Ordinal)) Judged.Add((string)JsonNode.Parse(payload)!["trigger"]!);
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
