using Appliance.Capture;
using Appliance.Journal;
using Appliance.Messaging;
using Microsoft.Extensions.Logging;

namespace Appliance.Inspection;

/// <summary>
/// Pauses the line and lets it go on: a fact, so that what was paused stays so over a restart. While paused free run takes no pictures and
/// triggers are refused; what was accepted before is judged. Any thread.
/// </summary>
internal sealed partial class LineSwitch(StationJournal journal, CameraFleet cameras, TimeProvider time, ILogger<LineSwitch> logger) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);
    private volatile LineSwitched? last = journal.LastSwitch;

    /// <summary>Told after each switch.</summary>
    public event Action? Changed;

    /// <summary>Who switched last; null when nobody ever did.</summary>
    public LineSwitched? Last => last;

    public bool IsPaused => last is { Paused: true };

    /// <summary>Why a trigger is not taken now; null while the line runs.</summary>
    public Refusal? Refusal => last is { Paused: true } by ? new(RefusalReason.Paused, $"The line is paused by {by.By} ({by.Why}). Let it go on with resume, and send the trigger again.") : null;

    /// <summary>Before cameras start: a line that was paused is.</summary>
    public void Restore()
    {
        if (last is not { Paused: true } by) return;
        cameras.Pause(true);
        LogStillPaused(by.By, by.Why, by.At);
    }

    /// <summary>On disk before it completes. What is so already stays as it was said; to let a line go on also opens cameras that failed at once.</summary>
    /// <exception cref="JournalException">It could not be recorded, and nothing changed.</exception>
    public async Task<LineSwitched> SwitchAsync(bool paused, string by, string? why, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            var fact = new LineSwitched(paused, by, why ?? "no reason given") { At = time.GetUtcNow() };
            if (!paused) cameras.Retry();
            if (paused == IsPaused) return last ?? fact;
            await journal.AppendDurableAsync(fact, CancellationToken.None);
            last = fact;
            cameras.Pause(paused);
            LogSwitched(paused ? "paused" : "resumed", by, fact.Why);
        }
        finally
        {
            turn.Release();
        }

        Changed?.Invoke();
        return last;
    }

    public void Dispose() => turn.Dispose();

    [LoggerMessage(2001, LogLevel.Warning, "The line is {What} by {By}: {Why}")]
    private partial void LogSwitched(string what, string by, string why);

    [LoggerMessage(2002, LogLevel.Warning, "The line is still paused by {By}: {Why} (since {At:u}). 'appliance resume' lets it go on.")]
    private partial void LogStillPaused(string by, string why, DateTimeOffset at);
}
