using System.Diagnostics;

namespace Testing.Waiting;

/// <summary>The end of a child process, within a limit. What it started and left behind may hold its output open, and is not waited for.</summary>
internal static class ProcessEnd
{
    // What is in the pipe when it has ended is read at once.
    private static readonly TimeSpan OutputLimit = TimeSpan.FromSeconds(5);

    /// <summary>Runs it to its end. What it printed; past the limit it is killed with its children, and the test fails.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(ProcessStartInfo start, TimeSpan? limit = null)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        var code = await process.EndsAsync(limit);
        return (code, await ReadAsync(output), await ReadAsync(errors));

        async Task<string> ReadAsync(Task<string> text)
        {
            try
            {
                return await text.WaitAsync(OutputLimit);
            }
            catch (TimeoutException)
            {
                throw new InvalidOperationException($"{Name(process)} has ended, and something that it started holds its output open.");
            }
        }
    }

    /// <summary>Waits until it has ended, and its output is read where it is read line by line. Its exit code; past the limit it is killed with its children, and the test fails.</summary>
    public static async Task<int> EndsAsync(this Process process, TimeSpan? limit = null)
    {
        if (!await HasEndedAsync(process, limit ?? Until.Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{Name(process)} did not end within {limit ?? Until.Limit}, and was killed.");
        }

        return process.ExitCode;
    }

    /// <summary>As <see cref="EndsAsync"/>, for what has no time to wait.</summary>
    public static int Ends(this Process process, TimeSpan? limit = null)
    {
        if (process.WaitForExit(limit ?? Until.Limit)) return process.ExitCode;
        process.Kill(entireProcessTree: true);
        Assert.Fail($"{Name(process)} did not end within {limit ?? Until.Limit}, and was killed.");
        return -1;
    }

    /// <summary>Kills it with its children if it runs, and waits until it is gone.</summary>
    /// <exception cref="TimeoutException">It is not gone: the kernel holds it in a call.</exception>
    public static async Task KillAsync(this Process process)
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        if (!await HasEndedAsync(process, TimeSpan.FromSeconds(30))) throw new TimeoutException($"{Name(process)} was killed and is not gone.");
    }

    /// <summary>Whether it ended within the limit.</summary>
    public static async Task<bool> HasEndedAsync(Process process, TimeSpan limit)
    {
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => exited.TrySetResult();
        if (process.HasExited) exited.TrySetResult();
        try
        {
            await exited.Task.WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            return false;
        }

        using var stop = new CancellationTokenSource(OutputLimit);
        await process.WaitForExitAsync(stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return true;
    }

    private static string Name(Process process) => $"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)}{process.StartInfo.Arguments}";
}
