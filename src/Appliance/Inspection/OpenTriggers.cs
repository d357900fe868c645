using Appliance.Capture;
using Appliance.Messaging;

namespace Appliance.Inspection;

/// <summary>
/// Triggers that were taken and have no verdict yet, bounded for each camera, with their deadlines and with who waits for them. Any thread.
/// </summary>
internal sealed class OpenTriggers(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, TriggerRequest> open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> perCamera = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Waiter> waiters = new(StringComparer.Ordinal);
    private readonly PriorityQueue<TriggerRequest, long> deadlines = new();
    private readonly TaskCompletionSource settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, TaskCompletionSource> accepting = new(StringComparer.Ordinal);
    private bool closed;

    /// <summary>Called when another deadline is the next one; on the caller's thread, so it must be quick.</summary>
    public Action? DeadlineAdded { get; set; }

    /// <summary>Completes with the verdict; <see cref="GiveUp"/> must follow.</summary>
    public Task<VerdictMessage> WaitFor(string trigger)
    {
        lock (gate)
        {
            if (!waiters.TryGetValue(trigger, out var waiter)) waiters[trigger] = waiter = new();
            waiter.Count++;
            return waiter.Verdict.Task;
        }
    }

    /// <summary>One of those who wait does so no longer; the last takes the entry away.</summary>
    public void GiveUp(string trigger, Task<VerdictMessage> answer)
    {
        lock (gate)
            if (waiters.TryGetValue(trigger, out var waiter) && waiter.Verdict.Task == answer && --waiter.Count == 0) waiters.Remove(trigger);
    }

    /// <summary>Takes a place for a trigger that is about to be accepted: <see cref="Accept"/> or <see cref="Leave"/> must follow. False with a refusal, or without where the same id is open already.</summary>
    /// <param name="limit">Most open triggers of its camera.</param>
    public bool TryEnter(TriggerRequest request, int limit, out Refusal? refusal)
    {
        lock (gate)
        {
            refusal = null;
            if (open.ContainsKey(request.Id)) return false;
            var waiting = perCamera.GetValueOrDefault(request.Camera!);
            if (closed) refusal = Stopping;
            else if (waiting >= limit) refusal = Overload(request.Camera!, limit);
            if (refusal is not null) return false;
            open.Add(request.Id, request);
            perCamera[request.Camera!] = waiting + 1;
            accepting.Add(request.Id, new(TaskCreationOptions.RunContinuationsAsynchronously));
            return true;
        }
    }

    /// <summary>A trigger that has no verdict yet; null where there is none of this id.</summary>
    public TriggerRequest? Find(string trigger)
    {
        lock (gate) return open.GetValueOrDefault(trigger);
    }

    /// <summary>Completes once it is known whether the trigger was accepted, whichever way; null where it is, or nobody asks.</summary>
    public Task? AcceptanceOf(string trigger)
    {
        lock (gate) return accepting.GetValueOrDefault(trigger)?.Task;
    }

    /// <summary>It is accepted durably: its deadline counts.</summary>
    public void Accept(TriggerRequest request)
    {
        bool next;
        lock (gate)
        {
            Settle(request.Id);
            deadlines.Enqueue(request, request.Due);
            next = deadlines.Peek() == request;
        }

        if (next) DeadlineAdded?.Invoke();
    }

    /// <summary>It could not be accepted.</summary>
    public void Leave(TriggerRequest request)
    {
        lock (gate)
        {
            Settle(request.Id);
            Forget(request.Id);
        }
    }

    /// <summary>Its verdict is committed: whoever waits is told, and nobody works on it any more.</summary>
    public void Answer(string trigger, VerdictMessage verdict)
    {
        Waiter? waiter;
        lock (gate)
        {
            Forget(trigger);
            waiters.Remove(trigger, out waiter);
        }

        waiter?.Verdict.TrySetResult(verdict);
    }

    /// <summary>The next trigger whose deadline is due; null when there is none, with the time until it is.</summary>
    public TriggerRequest? NextDue(out TimeSpan? wait)
    {
        lock (gate)
        {
            wait = null;
            // One moment for both questions: a wait is never negative.
            var now = time.GetTimestamp();
            while (deadlines.TryPeek(out var request, out var due))
            {
                if (!request.Progress.IsOver && due > now)
                {
                    wait = time.GetElapsedTime(now, due);
                    return null;
                }

                deadlines.Dequeue();
                if (!request.Progress.IsOver) return request;
            }

            return null;
        }
    }

    /// <summary>Takes no more; completes once nothing is being accepted.</summary>
    public Task CloseAsync()
    {
        lock (gate)
        {
            closed = true;
            if (accepting.Count == 0) settled.TrySetResult();
        }

        return settled.Task;
    }

    /// <summary>How many have no verdict yet.</summary>
    public int Count
    {
        get
        {
            lock (gate) return open.Count;
        }
    }

    /// <summary>What has no verdict yet.</summary>
    public IReadOnlyList<TriggerRequest> Left
    {
        get
        {
            lock (gate) return [.. open.Values];
        }
    }

    private static Refusal Stopping { get; } = new(RefusalReason.Stopping, "The station is stopping; send the trigger again once it is online.");

    private static Refusal Overload(string camera, int limit) =>
        new(RefusalReason.Overload, $"{limit} triggers of camera {camera} wait for their verdicts (TriggerQueueLength); send more slowly, and this one again.");

    private void Settle(string trigger)
    {
        if (accepting.Remove(trigger, out var acceptance)) acceptance.TrySetResult();
        if (accepting.Count == 0 && closed) settled.TrySetResult();
    }

    private void Forget(string trigger)
    {
        if (!open.Remove(trigger, out var request)) return;
        request.Progress.IsOver = true;
        perCamera[request.Camera!]--;
    }

    private sealed class Waiter
    {
        public TaskCompletionSource<VerdictMessage> Verdict { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Count { get; set; }
    }
}
