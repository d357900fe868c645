using System.Diagnostics;
using System.Text.Json;
using Appliance.Models;
using Inference;
using Inference.Jobs;
using Microsoft.Extensions.Logging;

namespace Appliance.Training;

/// <summary>Runs the trainer as a process of low priority and reads its events. Whatever it does ends as one event, done or failed.</summary>
internal sealed class TrainerProcess(string program, TimeSpan timeLimit, ILogger logger)
{
    private const int KeptErrorLines = 5;

    /// <param name="progress">Called for each progress event.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the process is gone.</exception>
    public async Task<TrainingEvent> RunAsync(string jobFile, Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        if (!File.Exists(program)) return new TrainingFailed($"The trainer {program} does not exist. Build it, or set Training:Program.");
        // Its standard input stays open as long as we live, and no longer.
        var start = new ProcessStartInfo(program, ["run", jobFile, "--attached"]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeLimit);
        using var process = new Process { StartInfo = start };
        try
        {
            // A process takes over the priority of the thread that starts it, from its first instruction on.
            await QuietThread.RunAsync(() => process.Start());
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return new TrainingFailed($"The trainer {program} cannot be started: {e.Message}");
        }

        MarkExpendable(process);
        try
        {
            var errors = ReadErrorsAsync(process, limit.Token);
            var last = await ReadEventsAsync(process, progress, limit.Token);
            await process.WaitForExitAsync(limit.Token);
            var said = await errors;
            return (last, process.ExitCode) switch
            {
                (TrainingFailed failed, _) => failed,
                (TrainingDone done, 0) => done,
                (_, var code) => new TrainingFailed($"The trainer ended with code {code} before it was done.{said}"),
            };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new TrainingFailed($"The trainer took longer than {timeLimit}, and was ended. Training:TimeLimit sets the limit.");
        }
        finally
        {
            if (!process.HasExited) await EndAsync(process);
        }
    }

    // Waited for, because the job's directory goes next.
    private static async Task EndAsync(Process process)
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
    }

    // Where memory runs out the kernel takes the trainer's; without the right to say so, training still works.
    private void MarkExpendable(Process process)
    {
        try
        {
            File.WriteAllText(FormattableString.Invariant($"/proc/{process.Id}/oom_score_adj"), "1000");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (process.HasExited) return;
            logger.NotExpendable(e.Message);
        }
    }

    private async Task<TrainingEvent?> ReadEventsAsync(Process process, Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        TrainingEvent? last = null;
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (Parse(line) is not { } said) continue;
            if (said is TrainingProgress step) progress(step);
            else last = said;
        }

        return last;
    }

    private TrainingEvent? Parse(string line)
    {
        try
        {
            var said = JsonSerializer.Deserialize(line, InferenceJson.Default.TrainingEvent);
            if (said is TrainingDone or TrainingProgress { Phase: not null } or TrainingFailed { Reason: not null }) return said;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            // It is told below, like one that is JSON and no event.
        }

        logger.NoEvent(line.Length > 200 ? line[..200] : line);
        return null;
    }

    private async Task<string> ReadErrorsAsync(Process process, CancellationToken cancellation)
    {
        var kept = new Queue<string>();
        while (await process.StandardError.ReadLineAsync(cancellation) is { } line)
        {
            logger.TrainerSaid(line);
            kept.Enqueue(line);
            if (kept.Count > KeptErrorLines) kept.Dequeue();
        }

        return kept.Count == 0 ? "" : " It said: " + string.Join(" | ", kept);
    }
}
