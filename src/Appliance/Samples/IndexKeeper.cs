using Appliance.Journal;
using Appliance.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Samples;

/// <summary>
/// Makes the index anew from the journal when its file has failed, or when a start found none that it can trust: on a quiet thread, while the line judges. Tries for ever, at growing
/// intervals.
/// </summary>
internal sealed partial class IndexKeeper(
    SampleIndex index, IndexRebuilder rebuilder, StationJournal journal, TimeProvider time, ILogger<IndexKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    // As it was logged; null while nothing fails.
    private string? failure;

    /// <summary>Raised when the index fails and when it is back.</summary>
    public event Action? Changed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await index.Broken.WaitAsync(stoppingToken);
                LogBegun(index.Trouble);
                Changed?.Invoke();
                var wait = Shortest;
                while (!await QuietThread.RunAsync(() => TryMend(stoppingToken)))
                {
                    await Task.Delay(wait, time, stoppingToken);
                    wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, Longest.Ticks));
                }

                Changed?.Invoke();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops. The next start makes it anew.
        }
    }

    private bool TryMend(CancellationToken cancellation)
    {
        // What is written there and not yet durable must not count as taken.
        if (journal.Trouble is not null) return false;
        try
        {
            var facts = journal.FactCount;
            index.Replace(() => rebuilder.Rebuild(journal.ReadFacts(), read => index.Say(new(read, Math.Max(read, facts))), cancellation));
        }
        // LiteDB meets a failing disk with exceptions of many types; a journal that is damaged is none of them.
        catch (Exception e) when (e is not (OutOfMemoryException or JournalException or OperationCanceledException))
        {
            if (failure != e.Message) LogFailed(failure = e.Message);
            return false;
        }
        failure = null;
        return index.Trouble is null;
    }

    [LoggerMessage(5010, LogLevel.Warning, "The index is made anew from the journal: {Trouble}. Until then samples are kept and labels are refused; those that were acknowledged are in the journal.")]
    private partial void LogBegun(string? trouble);

    [LoggerMessage(5011, LogLevel.Warning, "The index could not be made anew, and is tried again: {Reason}")]
    private partial void LogFailed(string reason);
}
