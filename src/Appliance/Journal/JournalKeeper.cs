using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Journal;

/// <summary>
/// Brings a failing journal back: mends it, tells in a fact what could not be recorded, and makes the reserve whole. It says so only when records are taken.
/// Tries for ever, at growing intervals.
/// </summary>
internal sealed partial class JournalKeeper(StationJournal journal, TimeProvider time, ILogger<JournalKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    private bool onReserve;
    private string? told;
    private Task? telling;

    /// <summary>Raised when the journal fails and when it is back. On the keeper's thread.</summary>
    public event Action? Changed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wait = Shortest;
        try
        {
            while (true)
            {
                await Task.Delay(wait, time, stoppingToken);
                wait = await MendAsync() ? Shortest : TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, Longest.Ticks));
                WatchReserve();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    // False while it still takes nothing.
    private async Task<bool> MendAsync()
    {
        if (journal.Trouble is { } trouble) Tell(trouble);
        try
        {
            journal.Mend();
            await TellUnrecordedAsync();
        }
        catch (Exception e) when (e is JournalException or TimeoutException)
        {
            return false;
        }
        if (journal.Trouble is not null) return false;
        if (told is null) return true;
        told = null;
        LogBack(journal.Unrecorded.Total);
        Changed?.Invoke();
        return true;
    }

    // Its sync may fail in its turn, and then it is durable only after the next mending.
    private async Task TellUnrecordedAsync()
    {
        telling ??= journal.Unrecorded.Open is { } gap ? RecordAsync(gap) : null;
        if (telling is null) return;
        try
        {
            await telling.WaitAsync(Longest, time);
        }
        finally
        {
            if (telling.IsCompleted) telling = null;
        }
    }

    private async Task RecordAsync(UnrecordedPictures.Gap gap)
    {
        await journal.AppendDurableAsync(new PicturesUnrecorded(gap.Pictures, gap.From, gap.To, gap.Why) { At = time.GetUtcNow() }, CancellationToken.None);
        journal.Unrecorded.Told(gap);
    }

    private void Tell(string trouble)
    {
        if (told is not null) return;
        told = trouble;
        LogTrouble(trouble);
        Changed?.Invoke();
    }

    private void WatchReserve()
    {
        var reserve = journal.Reserve;
        if (journal.Trouble is null) reserve.TryRestore();
        if (onReserve == reserve.LeftBytes < reserve.SizeBytes) return;
        onReserve = !onReserve;
        if (onReserve) LogReserve(reserve.LeftBytes, reserve.SizeBytes);
        else LogWhole(reserve.SizeBytes);
        Changed?.Invoke();
    }

    [LoggerMessage(3020, LogLevel.Error, "The journal takes nothing, so triggers are refused and pictures get no verdict: {Trouble} It is tried again and again.")]
    private partial void LogTrouble(string trouble);

    [LoggerMessage(3021, LogLevel.Warning, "The journal takes records again. {Unrecorded} pictures since the start went by without a verdict.")]
    private partial void LogBack(long unrecorded);

    [LoggerMessage(3022, LogLevel.Warning, "The disk is full and the journal lives on its reserve: {Left} of {Size} bytes are left. Free space.")]
    private partial void LogReserve(long left, long size);

    [LoggerMessage(3023, LogLevel.Information, "The journal's reserve of {Size} bytes is whole again")]
    private partial void LogWhole(long size);
}
