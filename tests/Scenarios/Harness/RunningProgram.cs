using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Scenarios.Harness;

/// <summary>
/// A process under test: its output kept, its lines awaited, within limits. At its end, and at the end of the tests however they end, it is killed with all
/// that it started, also what has left it behind: nothing holds up another test.
/// </summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<RunningProgram, bool> Living = new();
    private readonly Process process;
    private readonly Descendants descendants;
    private readonly List<string> lines = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    static RunningProgram() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var left in Living.Keys) left.descendants.Kill();
    };

    private RunningProgram(Process process) => (this.process, descendants) = (process, Descendants.Mark(process.StartInfo));

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public IReadOnlyList<string> Lines
    {
        get { lock (lines) return [.. lines]; }
    }

    public string Output => string.Join('\n', Lines);

    private string Name => $"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList.Take(4))}";

    public static RunningProgram Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        var running = new RunningProgram(new Process { StartInfo = start });
        running.process.OutputDataReceived += (_, e) => running.Add(e.Data);
        running.process.ErrorDataReceived += (_, e) => running.Add(e.Data);
        running.process.Start();
        Living[running] = true;
        running.process.BeginOutputReadLine();
        running.process.BeginErrorReadLine();
        running.process.StandardInput.AutoFlush = true;
        return running;
    }

    /// <summary>Runs to the end. Exit code and everything that it printed.</summary>
    public static Task<(int Code, string Output)> RunAsync(string file, params string[] arguments) => RunAsync(TimeSpan.FromMinutes(5), file, arguments);

    /// <summary>As above, with a limit of its own.</summary>
    public static async Task<(int Code, string Output)> RunAsync(TimeSpan limit, string file, params string[] arguments)
    {
        await using var program = Start(file, arguments);
        var code = await program.ExitAsync(limit);
        return (code, program.Output);
    }

    /// <summary>Waits for its end; fails with its output when it does not come within the limit. Its exit code.</summary>
    public async Task<int> ExitAsync(TimeSpan limit)
    {
        if (!await ProcessEnd.HasEndedAsync(process, limit)) Assert.Fail($"{Name} did not end within {limit}:\n{Output}");
        return process.ExitCode;
    }

    /// <summary>SIGKILL, at once.</summary>
    public void Kill() => process.Kill();

    /// <summary>SIGTERM, as systemd sends it. Its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync("TERM");
        return await ExitAsync(TimeSpan.FromSeconds(40));
    }

    /// <summary>Sends a signal by its name, such as STOP.</summary>
    public Task SignalAsync(string name) => SendAsync("-" + name, process.Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sends a signal to its whole process group, as a terminal does with Ctrl-C; for programs started by setsid.</summary>
    public Task SignalGroupAsync(string name) => SendAsync("-" + name, "--", "-" + process.Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>Writes one line to its standard input.</summary>
    public Task WriteLineAsync(string line) => process.StandardInput.WriteLineAsync(line).WaitAsync(Until.Limit);

    /// <summary>Ends its standard input.</summary>
    public void EndInput() => process.StandardInput.Close();

    /// <summary>Waits until the lines satisfy the condition; fails with the output when the process ends or the limit passes first.</summary>
    public async Task UntilAsync(Func<IReadOnlyList<string>, bool> condition, TimeSpan limit, string what)
    {
        using var stop = new CancellationTokenSource(limit);
        while (true)
        {
            Task next;
            lock (lines) next = changed.Task;
            if (condition(Lines)) return;
            if (process.HasExited) Assert.Fail($"{process.StartInfo.FileName} ended with {process.ExitCode} before: {what}\n{Output}");
            try
            {
                await next.WaitAsync(stop.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Not within {limit}: {what}\n{string.Join('\n', Lines.TakeLast(40))}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!Living.TryRemove(this, out _)) return;
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        descendants.Kill();
        await process.KillAsync();
        process.Dispose();
    }

    private static async Task SendAsync(params string[] arguments)
    {
        using var kill = Process.Start("kill", arguments);
        await kill.EndsAsync();
    }

    private void Add(string? line)
    {
        if (line is null) return;
        TaskCompletionSource told;
        lock (lines)
        {
            lines.Add(line);
            told = changed;
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        told.TrySetResult();
    }
}
