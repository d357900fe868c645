using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Testing.Files;

namespace Appliance.Tests.Hosting;

/// <summary>The built service as a process of its own, with a small backbone: what is one a process (signals, metrics, the environment) is seen here alone.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly TemporaryDirectory directory = new();
    private readonly ConcurrentQueue<string> lines = new();
    private Process? process;

    public ServiceProcess() => Write(Configuration());

    public HttpClient Http { get; } = new() { Timeout = Limit };

    public string Config => directory["appliance.json"];

    public string State => directory["state"];

    public string Address { get; private set; } = "";

    public int Id => process!.Id;

    /// <summary>Everything that it printed so far.</summary>
    public string Output => string.Join('\n', lines);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public string PathOf(string name) => directory[name];

    /// <summary>One camera on triggers, the embedded broker at a free port.</summary>
    public JsonObject Configuration() => new()
    {
        ["Station"] = "s1",
        ["StateDirectory"] = State,
        ["Listen"] = "http://127.0.0.1:0",
        ["Cameras"] = new JsonArray(new JsonObject { ["Name"] = "c1", ["Source"] = "sim:plates", ["Mode"] = "Trigger" }),
        ["Mqtt"] = new JsonObject { ["Port"] = 0 },
        ["Inspection"] = new JsonObject { ["Backbone"] = TestModel.Fixture("backbone"), ["Threads"] = 1 },
        ["Disk"] = new JsonObject { ["ReserveBytes"] = 0, ["MinFreeBytes"] = 0 },
        ["Training"] = new JsonObject { ["Program"] = "/bin/false", ["AfterLabels"] = 0 },
    };

    public void Write(JsonObject configuration) => File.WriteAllText(Config, configuration.ToJsonString());

    /// <summary>Starts it and waits until it says where it listens. Without a controlling terminal, as a service manager starts it.</summary>
    public async Task StartAsync(IReadOnlyDictionary<string, string>? environment = null)
    {
        var endpoints = Path.Combine(State, "endpoints.json");
        if (File.Exists(endpoints)) File.Delete(endpoints);
        var start = new ProcessStartInfo("/usr/bin/setsid", [ApplianceProgram.File, "run", "--config", Config]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Say(e.Data);
        process.ErrorDataReceived += (_, e) => Say(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await UntilAsync(() => File.Exists(endpoints), "it listens");
        Address = (string)JsonNode.Parse(await File.ReadAllTextAsync(endpoints, Cancellation))!["http"]!;
    }

    public async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await Http.GetStringAsync(new Uri(Address + path), Cancellation))!;

    public async Task<JsonNode> PostAsync(string path, JsonObject body)
    {
        using var response = await Http.PostAsync(new Uri(Address + path), JsonContent.Create(body), Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>Waits until it printed that.</summary>
    public Task SaysAsync(string text) => UntilAsync(() => Output.Contains(text, StringComparison.Ordinal), text);

    /// <summary>Asks again and again; fails with what it printed when it ends before, or after a minute.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Limit);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (!await condition())
            {
                Assert.False(process!.HasExited, $"It ended before {what}:\n{Output}");
                await beat.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            Assert.Fail($"Not within {Limit}: {what}\n{Output}");
        }
    }

    /// <summary>Sends a signal by its name, such as HUP.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Cancellation);
    }

    /// <summary>SIGTERM; its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        await process!.WaitForExitAsync(Cancellation).WaitAsync(Limit, Cancellation);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (process is { } started)
        {
            if (!started.HasExited) started.Kill(entireProcessTree: true);
            await started.WaitForExitAsync(CancellationToken.None);
            started.Dispose();
        }

        directory.Dispose();
    }

    private Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    private void Say(string? line)
    {
        if (line is not null) lines.Enqueue(line);
    }
}
