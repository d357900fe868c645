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
    private List<Waiting> waiting = [];
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

    /// <summary>Completes once a fact appended before the call is durable; faults with <see cref="JournalException"/>.</summary>
    /// <param name="life">Of the stream when the fact was appended.</param>
    public Task FactsDurable(int life)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(stopping, this);
            waiting.Add(new(done, life));
            Monitor.Pulse(gate);
        }
        return done.Task;
    }

    /// <summary>Syncs what is left and ends the thread.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            Monitor.Pulse(gate);
        }
        thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            List<Waiting> batch;
            bool stop, dirty;
            lock (gate)
            {
                while (!stopping && waiting.Count == 0 && !GroupIsDue(out var left)) Monitor.Wait(gate, left);
                (batch, waiting) = (waiting, []);
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

    private void SyncFacts(List<Waiting> batch)
    {
        if (batch.Count == 0) return;
        try
        {
            var life = facts.Sync();
            foreach (var one in batch)
            {
                if (one.Life == life) one.Done.TrySetResult();
                else one.Done.TrySetException(new JournalException("The fact was written just before the journal was reopened, and is not kept."));
            }
        }
        catch (JournalException e)
        {
            LogFailed("facts", e);
            foreach (var one in batch) one.Done.TrySetException(e);
        }
    }

    private void SyncVerdicts()
    {
        try
        {
            verdicts.Sync();
        }
        catch (JournalException e)
        {
            LogFailed("verdicts", e);
        }
    }

    private readonly record struct Waiting(TaskCompletionSource Done, int Life);

    [LoggerMessage(3010, LogLevel.Error, "The {Stream} stream of the journal has failed and takes nothing until it is reopened")]
    private partial void LogFailed(string stream, Exception exception);
}
