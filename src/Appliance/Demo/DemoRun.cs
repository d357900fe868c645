using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Appliance.CommandLine;
using Appliance.Web;

namespace Appliance.Demo;

/// <summary>One demo from start to balance: service, line, operator, view.</summary>
internal sealed class DemoRun(DemoOptions options, TimeProvider time)
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(10);

    /// <summary>Runs until cancelled or the time is over. What it prints last is the balance.</summary>
    /// <exception cref="DemoException">It could not start, or the service died.</exception>
    public async Task<DemoResult> RunAsync(Func<DemoScene, IDemoView> present, CancellationToken cancellation)
    {
        var truth = options.Source is null ? new SimulatedTruth(options.Seed) : (Truth)FolderTruth.Of(Path.GetFullPath(options.Source));
        var directory = Directory.CreateTempSubdirectory("appliance-demo-").FullName;
        try
        {
            await using var service = await DemoService.StartAsync(directory, Configuration(truth), cancellation);
            var scene = new DemoScene(service.Endpoints, truth, new Reconciliation(), new Scoreboard(truth), new VerdictTally(truth), directory);
            await PlayAsync(service, scene, present(scene), cancellation);
            return DemoResult.Gather(scene, await service.StopAsync());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task PlayAsync(DemoService service, DemoScene scene, IDemoView view, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (options.Seconds is { } seconds) end.CancelAfter(TimeSpan.FromSeconds(seconds));
        using var client = new StationClient(new Uri(scene.Endpoints.Http));
        await using var line = new DemoLine(DemoScene.Station, scene.Reconciliation, scene.Score, scene.Tally, time);
        await line.ConnectAsync(scene.Endpoints.MqttHost, scene.Endpoints.MqttPort, cancellation);
        var op = new DemoOperator(client, scene.Truth, time);
        var watch = Stopwatch.StartNew();
        var playing = Task.WhenAll(line.RunAsync(options.RatePerSecond, end.Token), op.RunAsync(end.Token));
        await view.ShowAsync(async () => scene.Take(await client.GetAsync("/api/v1/status", WebJson.Default.StatusView), op.Labels, watch.Elapsed, service.HasExited), playing, end);
        await playing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (playing.IsFaulted && !service.HasExited) await playing;
        if (service.HasExited) throw new DemoException($"The service ended with code {await service.StopAsync()} while the demo ran; its log was in {scene.Directory}.");
        using var drain = new CancellationTokenSource(DrainLimit);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (scene.Reconciliation.Open > 0 && !drain.IsCancellationRequested) await beat.WaitForNextTickAsync(CancellationToken.None);
        scene.Take(await client.GetAsync("/api/v1/status", WebJson.Default.StatusView), op.Labels, watch.Elapsed, exited: false);
    }

    private JsonObject Configuration(Truth truth) => new()
    {
        ["Station"] = DemoScene.Station,
        ["Listen"] = "http://127.0.0.1:0",
        ["GoodClass"] = truth.GoodClass,
        ["Cameras"] = new JsonArray(new JsonObject { ["Name"] = "cam1", ["Source"] = Source(), ["Mode"] = "Trigger" }),
        ["Mqtt"] = new JsonObject { ["Port"] = 0 },
        ["Sampling"] = new JsonObject { ["OkShare"] = 0.2, ["MaxPerMinute"] = 600 },
        ["Training"] = new JsonObject { ["AfterLabels"] = 40 },
    };

    private string Source()
    {
        if (options.Source is null) return string.Create(CultureInfo.InvariantCulture, $"sim:plates?seed={options.Seed}");
        var folder = Path.GetFullPath(options.Source);
        var parts = options.Parts is { } given ? Path.GetFullPath(given) : Path.Combine(folder, "parts.csv");
        if (options.Parts is not null && !File.Exists(parts)) throw new DemoException($"The parts file {parts} does not exist.");
        var url = string.Create(CultureInfo.InvariantCulture, $"folder:{folder}?loop=true&shuffle={options.Seed}");
        return File.Exists(parts) ? url + "&parts=" + Uri.EscapeDataString(parts) : url;
    }
}
