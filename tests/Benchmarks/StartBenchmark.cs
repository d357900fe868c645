using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Appliance.Journal;
using Appliance.Samples;

namespace Benchmarks;

/// <summary>The built service, from its start until it answers that it runs, over a state directory with many samples and verdicts; after an orderly stop, and after one without, where it also tells when the index was there again.</summary>
internal static class StartBenchmark
{
    private const string Station = "bench";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static Benchmark Entry { get; } = new("start", "start to ready with many samples and verdicts, needs out/appliance [--samples 100000] [--verdicts 1000000] [--times 3] [--state DIRECTORY]", Run);

    private static async Task Run(BenchmarkArguments arguments)
    {
        var (samples, verdicts, times) = (arguments.Number("samples", 100_000), arguments.Number("verdicts", 1_000_000), arguments.Number("times", 3));
        var state = Path.Combine(arguments.Text("state") ?? Path.GetTempPath(), Path.GetRandomFileName());
        var program = Path.Combine(Repository.Root, "out/appliance/appliance");
        if (!File.Exists(program)) throw new BenchmarkException($"{program} is not built; dotnet build -c Release builds it.");
        try
        {
            await FilledState.MakeAsync(state, Station, "e1", samples, verdicts);
            var configuration = Path.Combine(state, "appliance.json");
            await File.WriteAllTextAsync(configuration, $$"""{"Station":"{{Station}}","StateDirectory":"{{state}}","Listen":"http://127.0.0.1:0","Mqtt":{"Port":0},"Cameras":[{"Name":"c1","Mode":"Trigger"}]}""");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {samples} samples, {verdicts} verdicts of {Bytes(state, StreamKind.Verdicts) / 1e6:F0} MB, facts of {Bytes(state, StreamKind.Facts) / 1e6:F0} MB, index of {new FileInfo(SampleFiles.Index(state)).Length / 1e6:F0} MB"));
            for (var i = 0; i < times; i++) Say("after an orderly stop", await StartAsync(program, configuration, state, kill: i == times - 1));
            for (var i = 0; i < times; i++) Say("after a kill", await StartAsync(program, configuration, state, kill: i < times - 1));
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    // Written once it is ready for triggers and labels.
    private static async Task<(TimeSpan Ready, TimeSpan Index)> StartAsync(string program, string configuration, string state, bool kill)
    {
        var ready = Path.Combine(state, Appliance.Hosting.Endpoints.FileName);
        File.Delete(ready);
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(program, ["run", "--config", configuration]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!File.Exists(ready))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(start) > Patience) throw new BenchmarkException("the service did not start");
            await Task.Delay(5);
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        using var http = new HttpClient { BaseAddress = new Uri((string)JsonNode.Parse(await File.ReadAllTextAsync(ready))!["http"]!) };
        while (!await HasIndexAsync(http)) await Task.Delay(50);
        var whole = Stopwatch.GetElapsedTime(start);
        if (kill) process.Kill();
        else using (Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)])) await process.WaitForExitAsync();
        await process.WaitForExitAsync();
        return (elapsed, whole);
    }

    private static async Task<bool> HasIndexAsync(HttpClient http)
    {
        using var response = await http.GetAsync(new Uri("/readyz", UriKind.Relative));
        return (bool)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["index"]!["ok"]!;
    }

    private static long Bytes(string state, StreamKind kind) => Directory.GetFiles(SegmentFiles.Directory(state, kind)).Sum(f => new FileInfo(f).Length);

    private static void Say(string when, (TimeSpan Ready, TimeSpan Index) start) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  start to ready {when}: {start.Ready.TotalSeconds:F2} s, the index is there after {start.Index.TotalSeconds:F2} s"));
}
