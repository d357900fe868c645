using System.Diagnostics;
using Appliance.Watchdog;
using Microsoft.Extensions.Logging;

namespace Appliance.Journal;

/// <summary>The journal's own thread: syncs facts as soon as somebody waits for one, verdicts a few milliseconds after the first unsynced one. Sleeps while there is nothing to do.</summary>
internal sealed partial class GroupSync : IDisposable
{
    private readonly JournalStream facts;
    private readonly JournalStream verdicts;
    private readonly TimeSpan delay;
    private readonly ILogger logger;
    private readonly object gate = new();
    private readonly Thread thread;
    private List<TaskCompletionSource> waiting = [];
    // The facts' sync has failed: who waits does so until the reopening.
    private bool held;
    private bool patient = true;
    private long verdictsDirtySince;
    private bool verdictsDirty;
    private bool stopping;

    public GroupSync(JournalStream facts, JournalStream verdicts, TimeSpan delay, ILogger logger)
    {
        (this.facts, this.verdicts, this.delay, this.logger) = (facts, verdicts, delay, logger);
        thread = new Thread(Run) { Name = "journal sync", IsBackground = true };
        thread.Start();
    }

    /// <summary>Busy while it syncs.</summary>
    public Pulse Pulse { get; } = new("The journal's sync", TimeProvider.System);

    /// <summary>Told of each sync that succeeded, with its stream and how long it took; on the sync's thread, so it must be quick.</summary>
    public Action<string, TimeSpan>? Synced { get; set; }

    /// <summary>A verdict was appended.</summary>
    public void VerdictAppended()
    {
        lock (gate)
        {
            if (verdictsDirty) return;
            verdictsDirty = true;
            verdictsDirtySince = Stopwatch.GetTimestamp();
            Monitor.Pulse(gate);
        }
    }

    /// <summary>
    /// Completes once what was appended to the facts before the call is durable. Where their sync fails nobody knows whether it is, so it is neither
    /// acknowledged nor refused until the reopening has made it durable; after <see cref="StopWaiting"/> it faults with <see cref="JournalException"/>.
    /// </summary>
    public Task FactsDurable()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(stopping, this);
            waiting.Add(done);
            Monitor.Pulse(gate);
        }
        return done.Task;
    }

    /// <summary>Both streams take records again.</summary>
    public void Reopened()
    {
        lock (gate)
        {
            if (!held) return;
            held = false;
            Monitor.Pulse(gate);
        }
    }

    /// <summary>From now on nobody waits for a disk that fails.</summary>
    public void StopWaiting()
    {
        lock (gate)
        {
            patient = held = false;
            Monitor.Pulse(gate);
        }
    }

    /// <summary>Syncs what is left and ends the thread.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            patient = held = false;
            Monitor.Pulse(gate);
        }
        thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            List<TaskCompletionSource> batch;
            bool stop, dirty;
            lock (gate)
            {
                while (!stopping && (waiting.Count == 0 || held) && !GroupIsDue(out var left)) Monitor.Wait(gate, left);
                batch = [];
                if (!held) (batch, waiting) = (waiting, batch);
                (dirty, verdictsDirty) = (verdictsDirty, false);
                stop = stopping;
            }
            Pulse.Begin();
            SyncFacts(batch);
            if (dirty) SyncVerdicts();
            Pulse.End();
            if (stop) return;
        }
    }

    private bool GroupIsDue(out TimeSpan left)
    {
        left = Timeout.InfiniteTimeSpan;
        if (!verdictsDirty) return false;
        left = delay - Stopwatch.GetElapsedTime(verdictsDirtySince);
        return left <= TimeSpan.Zero;
    }

    private void SyncFacts(List<TaskCompletionSource> batch)
    {
        if (batch.Count == 0) return;
        try
        {
            Sync(facts, "facts");
            foreach (var one in batch) one.TrySetResult();
        }
        catch (JournalException e)
        {
            LogFailed("facts", e);
            if (Hold(batch)) return;
            var unknown = new JournalException("The station stops while its disk fails: whether this was recorded is said by the next start.") { IsUnknown = true };
            foreach (var one in batch) one.TrySetException(unknown);
        }
    }

    private void Sync(JournalStream stream, string name)
    {
        var start = Stopwatch.GetTimestamp();
        stream.Sync();
        Synced?.Invoke(name, Stopwatch.GetElapsedTime(start));
    }

    private bool Hold(List<TaskCompletionSource> batch)
    {
        lock (gate)
        {
            if (!patient) return false;
            // Reopened since the sync failed, it is tried again at once.
            held = facts.Failure is not null;
            waiting.InsertRange(0, batch);
            return true;
        }
    }

    private void SyncVerdicts()
    {
        try
        {
            Sync(verdicts, "verdicts");
        }
        catch (JournalException e)
        {
            LogFailed("verdicts", e);
        }
    }

    [LoggerMessage(3010, LogLevel.Error, "The {Stream} stream of the journal has failed and takes nothing until it is reopened")]
    private partial void LogFailed(string stream, Exception exception);
}
