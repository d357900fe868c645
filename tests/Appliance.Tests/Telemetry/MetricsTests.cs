using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Appliance.Tests.Hosting;

namespace Appliance.Tests.Telemetry;

/// <summary>What /metrics of a running station says, and what the dashboard asks for.</summary>
public sealed partial class MetricsTests : IAsyncLifetime
{
    private readonly ServiceProcess station = new();
    private static readonly string[] OfAHistogram = ["_bucket", "_count", "_sum"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await station.StartAsync();

    public ValueTask DisposeAsync() => station.DisposeAsync();

    [Fact]
    public async Task Dashboard_EveryMetricAskedFor_IsExposedAndTheReverse()
    {
        await station.PostAsync("/api/v1/triggers", new() { ["part"] = "p1" });
        using (await station.Http.GetAsync(new Uri(station.Address + "/api/v1/samples/none"), Cancellation))
        {
            // A refusal to count.
        }

        var asked = Asked();
        var exposed = await UntilAsync(m => asked.IsSubsetOf(m) && m.IsSubsetOf(asked));
        Assert.Equal(asked.Order(), exposed.Order());
    }

    [Fact]
    public async Task Metrics_AfterInspections_CountThemByKindAndMeasureThem()
    {
        for (var i = 0; i < 3; i++) await station.PostAsync("/api/v1/triggers", []);
        var text = await ScrapeAsync();
        Assert.Equal(3, Value(text, "inspection_verdicts_total", "verdict=\"UNSURE\""));
        Assert.Equal(0, Value(text, "inspection_verdicts_total", "verdict=\"NG\""));
        Assert.Equal(3, Value(text, "inspection_commit_duration_seconds_count", ""));
        Assert.Equal(3, Value(text, "inspection_camera_grabbed_total", "camera=\"c1\""));
        Assert.Equal(0, Value(text, "inspection_ready", "part=\"model\""));
        Assert.Equal(0, Value(text, "inspection_trainings_total", "outcome=\"promoted\""));
    }

    [Fact]
    public async Task Metrics_OfAStation_HaveTheirHelp()
    {
        var text = await ScrapeAsync();
        Assert.DoesNotContain(Exposed(text), name => name.StartsWith("inspection_", StringComparison.Ordinal) && !text.Contains($"# HELP {name} ", StringComparison.Ordinal));
    }

    private Task<string> ScrapeAsync() => station.Http.GetStringAsync(new Uri(station.Address + "/metrics"), Cancellation);

    // Some come with the first message through the broker.
    private async Task<HashSet<string>> UntilAsync(Func<HashSet<string>, bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var last = Exposed(await ScrapeAsync());
        try
        {
            while (!condition(last))
            {
                await beat.WaitForNextTickAsync(limit.Token);
                last = Exposed(await ScrapeAsync());
            }
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            // Said by the caller, with what was there.
        }

        return last;
    }

    private static double Value(string text, string name, string label) => double.Parse(
        text.Split('\n').First(l => l.StartsWith(name + "{", StringComparison.Ordinal) && l.Contains(label, StringComparison.Ordinal)).Split('}')[1].Trim().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static HashSet<string> Exposed(string text) => [.. Types().Matches(text).Select(m => m.Groups[1].Value).Where(n => n is not ("target_info" or "otel_scope_info"))];

    private static HashSet<string> Asked()
    {
        var dashboard = JsonNode.Parse(File.ReadAllText(Path.Combine(ApplianceProgram.RepositoryRoot, "deploy/grafana/inspection-appliance.json")))!;
        var asked = dashboard["panels"]!.AsArray().SelectMany(p => p!["targets"]!.AsArray()).SelectMany(t => Names().Matches((string)t!["expr"]!).Select(m => m.Value)).ToList();
        Assert.True(asked.Count > 20);
        return [.. asked.Select(n => OfAHistogram.FirstOrDefault(s => n.EndsWith(s, StringComparison.Ordinal)) is { } suffix ? n[..^suffix.Length] : n)];
    }

    [GeneratedRegex(@"^# TYPE (\S+) ", RegexOptions.Multiline)]
    private static partial Regex Types();

    [GeneratedRegex(@"\b(inspection|http|dotnet)_[a-z_]+(?=\{)")]
    private static partial Regex Names();
}
