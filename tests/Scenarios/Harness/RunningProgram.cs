using System.Diagnostics;
using System.Globalization;

namespace Scenarios.Harness;

/// <summary>A process under test: its output kept, its lines awaited, killed at the end.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process process;
    private readonly List<string> lines = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningProgram(Process process) => this.process = process;

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public IReadOnlyList<string> Lines
    {
        get { lock (lines) return [.. lines]; }
    }

    public string Output => string.Join('\n', Lines);

    public static RunningProgram Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        var running = new RunningProgram(new Process { StartInfo = start });
        running.process.OutputDataReceived += (_, e) => running.Add(e.Data);
        running.process.ErrorDataReceived += (_, e) => running.Add(e.Data);
        running.process.Start();
        running.process.BeginOutputReadLine();
        running.process.BeginErrorReadLine();
        running.process.StandardInput.AutoFlush = true;
        return running;
    }

    /// <summary>Runs to the end. Exit code and everything that it printed.</summary>
    public static async Task<(int Code, string Output)> RunAsync(string file, params string[] arguments)
    {
        await using var program = Start(file, arguments);
        var code = await program.ExitAsync(TimeSpan.FromMinutes(5));
        return (code, program.Output);
    }

    public async Task<int> ExitAsync(TimeSpan limit)
    {
        using var stop = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{process.StartInfo.FileName} did not end within {limit}:\n{Output}");
        }

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
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Sends a signal to its whole process group, as a terminal does with Ctrl-C; for programs started by setsid.</summary>
    public async Task SignalGroupAsync(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, "--", "-" + process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Writes one line to its standard input.</summary>
    public Task WriteLineAsync(string line) => process.StandardInput.WriteLineAsync(line);

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
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
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
