using Appliance.Journal;

namespace Appliance.Messaging;

/// <summary>What the outbox is doing, live; read from any thread. Written by the publisher and the worker.</summary>
internal sealed class OutboxState(StationJournal journal, AckTrail trail, EpochHistory epochs, Gaps gaps)
{
    private readonly Lock gate = new();
    private long sent;
    private long timeOuts;
    private long connections;
    private volatile bool connected;
    private volatile string? lastError;
    private volatile TaskCompletionSource? drained;
    private volatile LoopState loop = LoopState.None;

    public InspectionId LastCommitted => journal.LastCommitted;

    public InspectionId LastAcknowledged => trail.Acknowledged;

    /// <summary>Verdicts committed, not yet acknowledged and not given up.</summary>
    public long Backlog => LastAcknowledged is var last ? epochs.CountBetween(last, LastCommitted) - gaps.CountAfter(last) : 0;

    /// <summary>Verdicts given up since the journal began.</summary>
    public long Undelivered => gaps.Total;

    public bool IsConnected => connected;

    /// <summary>Why there is no connection; null while there is one.</summary>
    public string? LastError => lastError;

    /// <summary>Verdicts handed to the socket since start, repetitions included.</summary>
    public long Sent => Interlocked.Read(ref sent);

    /// <summary>Connections given up because an acknowledgement did not come in time.</summary>
    public long TimeOuts => Interlocked.Read(ref timeOuts);

    /// <summary>Whether what is published comes back through the broker.</summary>
    public LoopState Loop => loop;

    public long Connections => Interlocked.Read(ref connections);

    /// <summary>Told of each verdict just handed to the socket, with <see cref="TimeProvider.GetTimestamp"/>; on the publisher's thread, so it must be quick.</summary>
    public Action<InspectionId, long>? Written { get; set; }

    /// <summary>Completes when the backlog is empty.</summary>
    public Task WaitUntilDrainedAsync(CancellationToken cancellation)
    {
        TaskCompletionSource waiter;
        // One that was reached before says nothing of now.
        lock (gate) waiter = drained is { Task.IsCompleted: false } open ? open : drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (LastAcknowledged >= LastCommitted) waiter.TrySetResult();
        return waiter.Task.WaitAsync(cancellation);
    }

    internal void OnConnected()
    {
        Interlocked.Increment(ref connections);
        lastError = null;
        connected = true;
        loop = LoopState.None;
    }

    internal void OnLoop(LoopState now) => loop = now;

    internal void OnLost(string problem, bool timeOut)
    {
        connected = false;
        loop = LoopState.None;
        trail.Stop();
        lastError = problem;
        if (timeOut) Interlocked.Increment(ref timeOuts);
    }

    internal void OnSent(InspectionId id, long at)
    {
        Interlocked.Increment(ref sent);
        Written?.Invoke(id, at);
    }

    internal void OnAcknowledged(InspectionId id)
    {
        trail.Add(id);
        if (drained is { } waiter && LastAcknowledged >= LastCommitted) waiter.TrySetResult();
    }
}
