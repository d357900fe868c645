using Appliance.Capture.Supervision;

namespace Appliance.Capture;

/// <summary>Triggers that wait for one camera's thread, no more than may be open. Added from any thread, taken by one.</summary>
internal sealed class TriggerLine(TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private readonly LinkedList<TriggerRequest> waiting = new();
    private readonly Wake wake = new(time);
    private SourceFailure? closed;

    public int Count
    {
        get { lock (gate) return waiting.Count; }
    }

    /// <summary>Null when it was taken; otherwise why the line is closed.</summary>
    public SourceFailure? Add(TriggerRequest request)
    {
        lock (gate)
        {
            if (closed is not null) return closed;
            waiting.DropOver(one => one);
            waiting.AddLast(request);
            wake.Set();
            return null;
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
            if (TryTake() is { } request) return request;
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

    private TriggerRequest? TryTake()
    {
        lock (gate)
        {
            waiting.DropOver(one => one);
            if (waiting.First is not { } first) return null;
            waiting.RemoveFirst();
            return first.Value;
        }
    }
}
