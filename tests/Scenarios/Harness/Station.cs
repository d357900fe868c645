using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Scenarios.Harness;

/// <summary>The built service as a process, with a directory of its own that survives its restarts.</summary>
internal sealed class Station : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private RunningProgram? program;

    public Station(JsonObject configuration)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("appliance-test-").FullName;
        configuration["Listen"] ??= "http://127.0.0.1:0";
        Config = Path.Combine(Directory, "appliance.json");
        File.WriteAllText(Config, configuration.ToJsonString());
    }

    public string Directory { get; }

    public string Config { get; }

    public string State => Path.Combine(Directory, "state");

    public RunningProgram Program => program!;

    public JsonNode Endpoints { get; private set; } = new JsonObject();

    /// <summary>Written once it listens, gone after an orderly stop.</summary>
    public string EndpointsFile => Path.Combine(State, "endpoints.json");

    /// <summary>Starts the process, without waiting for anything.</summary>
    public RunningProgram Launch(params string[] settings) => Launch(null, settings);

    /// <summary>Starts it where it must refuse, and waits for its end. Exit code and everything that it printed.</summary>
    public async Task<(int Code, string Output)> RefuseAsync(params string[] settings)
    {
        await using var refusing = Launch(settings);
        program = null;
        return (await refusing.ExitAsync(TimeSpan.FromSeconds(30)), refusing.Output);
    }

    /// <summary>Starts it and waits until it says where it listens.</summary>
    public Task StartAsync(params string[] settings) => StartAsync(null, settings);

    /// <summary>As above, with more in the process's environment.</summary>
    public async Task StartAsync(IReadOnlyDictionary<string, string>? environment, params string[] settings)
    {
        var program = Launch(environment, settings);
        var endpoints = EndpointsFile;
        var begun = Stopwatch.StartNew();
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!File.Exists(endpoints))
        {
            if (program.HasExited) Assert.Fail("The service ended at its start:\n" + program.Output);
            if (begun.Elapsed > StartLimit) Assert.Fail($"The service does not listen after {begun.Elapsed.TotalSeconds:F0} s:\n" + program.Output);
            await beat.WaitForNextTickAsync();
        }

        Endpoints = JsonNode.Parse(await File.ReadAllTextAsync(endpoints))!;
    }

    /// <summary>Runs a command of the command line against this service.</summary>
    public Task<(int Code, string Output)> CommandAsync(params string[] arguments) =>
        RunningProgram.RunAsync(Repository.Appliance, [.. arguments, "--url", (string)Endpoints["http"]!]);

    public Task<JsonNode> GetAsync(string path) => ReadAsync(http.GetAsync(Address(path)));

    public Task<JsonNode> PostAsync(string path, JsonObject body) => ReadAsync(http.PostAsync(Address(path), JsonContent.Create(body)));

    /// <summary>Gets without judging the answer.</summary>
    public Task<HttpResponseMessage> TryGetAsync(string path, CancellationToken cancellation) => http.GetAsync(Address(path), cancellation);

    /// <summary>Posts without judging the answer.</summary>
    public Task<HttpResponseMessage> TryPostAsync(string path, JsonObject body, CancellationToken cancellation = default) =>
        http.PostAsync(Address(path), JsonContent.Create(body), cancellation);

    /// <summary>Asks again and again until the answer satisfies the condition.</summary>
    public async Task<JsonNode> UntilAsync(string path, Func<JsonNode, bool> condition, TimeSpan limit, string what)
    {
        using var stop = new CancellationTokenSource(limit);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        JsonNode? last = null;
        try
        {
            do
            {
                last = await GetAsync(path);
                if (condition(last)) return last;
            }
            while (await beat.WaitForNextTickAsync(stop.Token));
        }
        catch (OperationCanceledException)
        {
            // Said below, with what was there.
        }

        Assert.Fail($"Not within {limit}: {what}. Last answer: {last}\n{string.Join('\n', Program.Lines.TakeLast(30))}");
        return last!;
    }

    /// <summary>Waits until so many verdicts were given since the start.</summary>
    public Task<JsonNode> InspectAsync(int verdicts) =>
        UntilAsync("/api/v1/status", s => (long)s["inspections"]!["inspections"]! >= verdicts, TimeSpan.FromSeconds(60), $"{verdicts} verdicts");

    /// <summary>Verdicts since the start.</summary>
    public async Task<int> InspectedAsync() => (int)(await GetAsync("/api/v1/status"))["inspections"]!["inspections"]!;

    public async ValueTask DisposeAsync()
    {
        if (program is not null) await program.DisposeAsync();
        http.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private RunningProgram Launch(IReadOnlyDictionary<string, string>? environment, string[] settings)
    {
        if (File.Exists(EndpointsFile)) File.Delete(EndpointsFile);
        return program = RunningProgram.Start(Repository.Appliance, ["run", "--config", Config, .. settings.SelectMany(s => new[] { "--set", s })], environment);
    }

    private Uri Address(string path) => new((string)Endpoints["http"]! + path);

    private static async Task<JsonNode> ReadAsync(Task<HttpResponseMessage> exchange)
    {
        using var response = await exchange;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }
}
