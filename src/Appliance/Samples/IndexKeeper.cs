using Appliance.Journal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Samples;

/// <summary>Makes the index anew from the journal when its file has failed. Tries for ever, at growing intervals.</summary>
internal sealed partial class IndexKeeper(
    SampleIndex index, IndexRebuilder rebuilder, StationJournal journal, TimeProvider time, ILogger<IndexKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await index.Broken.WaitAsync(stoppingToken);
                LogFailed(index.Trouble);
                var wait = Shortest;
                while (!TryMend())
                {
                    await Task.Delay(wait, time, stoppingToken);
                    wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, Longest.Ticks));
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops. The next start makes it anew.
        }
    }

    private bool TryMend()
    {
        // What is written there and not yet durable must not count as taken.
        if (journal.Trouble is not null) return false;
        try
        {
            index.Replace(() => rebuilder.Rebuild(journal.ReadFacts()));
        }
        // LiteDB meets a failing disk with exceptions of many types; a journal that is damaged is none of them.
        catch (Exception e) when (e is not (OutOfMemoryException or JournalException))
        {
            return false;
        }
        return index.Trouble is null;
    }

    [LoggerMessage(5010, LogLevel.Warning, "The index has failed and is made anew: {Trouble} Labels that were acknowledged are in the journal.")]
    private partial void LogFailed(string? trouble);
}
