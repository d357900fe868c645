using System.Diagnostics;
using System.Threading.Channels;

namespace Appliance.Tests.Messaging;

/// <summary>A real mosquitto_sub: the PLC's side. With an id it keeps its session at the broker while it is away.</summary>
public sealed class MosquittoSubscriber : IAsyncDisposable
{
    private readonly Channel<(string Topic, string Payload)> lines = Channel.CreateUnbounded<(string, string)>();
    private readonly Process process;
    private readonly TaskCompletionSource subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MosquittoSubscriber(int port, string filter, string? persistentId, string version)
    {
        string[] session = persistentId is null ? [] : ["-c", "-i", persistentId];
        process = new Process
        {
            // Its debug lines, which say when it has subscribed, are buffered in a pipe.
            StartInfo = new("/usr/bin/stdbuf", ["-oL", "/usr/bin/mosquitto_sub", "-V", version, "-p", $"{port}", "-q", "1", "-t", filter, "-d", "-F", ">%t %p", .. session])
            {
                RedirectStandardOutput = true,
            },
        };
        process.OutputDataReceived += (_, e) => Take(e.Data);
    }

    /// <summary>Returns once the broker has confirmed the subscription.</summary>
    public static async Task<MosquittoSubscriber> StartAsync(int port, string filter, string? persistentId = null, string version = "5")
    {
        MissingTool.SkipWithout("/usr/bin/mosquitto_sub", "mosquitto-clients");
        var one = new MosquittoSubscriber(port, filter, persistentId, version);
        one.process.Start();
        one.process.BeginOutputReadLine();
        if (await Task.WhenAny(one.subscribed.Task, one.process.WaitForExitAsync()).WaitAsync(Limit) != one.subscribed.Task) Assert.Fail("mosquitto_sub ended before it had subscribed.");
        return one;
    }

    /// <summary>No test waits longer for anything.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(15);

    public async Task<(string Topic, string Payload)> NextAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        return await lines.Reader.ReadAsync(limit.Token);
    }

    /// <summary>Reads on until one fits, and returns it.</summary>
    public async Task<(string Topic, string Payload)> NextAsync(Func<string, string, bool> fits)
    {
        // One limit for all: heartbeats go on for ever.
        using var limit = new CancellationTokenSource(Limit);
        while (true)
            if (await lines.Reader.ReadAsync(limit.Token) is var one && fits(one.Topic, one.Payload)) return one;
    }

    public async ValueTask DisposeAsync()
    {
        await process.KillAsync();
        process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null) return;
        if (line.StartsWith('>')) lines.Writer.TryWrite((line[1..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        else if (line.StartsWith("Subscribed", StringComparison.Ordinal)) subscribed.TrySetResult();
    }
}
