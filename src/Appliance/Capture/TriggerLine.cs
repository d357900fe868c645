using Appliance.Capture.Supervision;

namespace Appliance.Capture;

/// <summary>Triggers that wait for one camera's thread. Added from any thread, taken by one.</summary>
internal sealed class TriggerLine(int limit, TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Queue<TriggerRequest> waiting = new();
    private readonly Wake wake = new(time);
    private SourceFailure? closed;

    /// <summary>What became of a trigger.</summary>
    public enum Admission
    {
        Accepted,
        Full,
        Closed,
    }

    public int Count
    {
        get { lock (gate) return waiting.Count; }
    }

    /// <param name="why">Why it is closed, where it is.</param>
    public Admission Add(TriggerRequest request, out SourceFailure? why)
    {
        lock (gate)
        {
            why = closed;
            if (closed is not null) return Admission.Closed;
            if (waiting.Count >= limit) DropOver();
            if (waiting.Count >= limit) return Admission.Full;
            waiting.Enqueue(request);
            wake.Set();
            return Admission.Accepted;
        }
    }

    /// <summary>Makes <see cref="WaitFor"/> look again whether the source is over.</summary>
    public void Wake() => wake.Set();

    /// <summary>Blocks until a trigger waits, which is returned, or free run is due or the source over, then null.</summary>
    public TriggerRequest? WaitFor(Pace pace, SourceRun source, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            lock (gate)
                while (waiting.TryDequeue(out var request))
                    if (!request.Progress.IsOver) return request;
            if (source.Over) return null;
            var wait = pace.UntilDue();
            if (wait <= TimeSpan.Zero)
            {
                pace.Taken();
                return null;
            }

            wake.Wait(wait, cancellation);
        }
    }

    /// <summary>Takes no more, until <see cref="Open"/>; returns what still waited.</summary>
    public IReadOnlyList<TriggerRequest> Close(SourceFailure why)
    {
        lock (gate)
        {
            closed = why;
            var left = waiting.ToArray();
            waiting.Clear();
            return left;
        }
    }

    public void Open()
    {
        lock (gate) closed = null;
    }

    public void Dispose() => wake.Dispose();

    // They have their FAULT, and would keep a place until the camera comes back.
    private void DropOver()
    {
        for (var left = waiting.Count; left > 0; left--)
            if (waiting.Dequeue() is { Progress.IsOver: false } request) waiting.Enqueue(request);
    }
}
