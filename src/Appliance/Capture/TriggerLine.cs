namespace Appliance.Capture;

/// <summary>Triggers that wait for one camera's thread. Added from any thread, taken by one.</summary>
internal sealed class TriggerLine(int limit, TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Queue<TriggerRequest> waiting = new();
    private readonly SemaphoreSlim wake = new(0);
    private bool closed;

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

    public Admission Add(TriggerRequest request)
    {
        lock (gate)
        {
            if (closed) return Admission.Closed;
            if (waiting.Count >= limit) return Admission.Full;
            waiting.Enqueue(request);
            wake.Release();
            return Admission.Accepted;
        }
    }

    /// <summary>Makes <see cref="WaitFor"/> look again whether the source is over.</summary>
    public void Wake() => wake.Release();

    /// <summary>Blocks until a trigger waits, which is returned, or free run is due or the source over, then null.</summary>
    public TriggerRequest? WaitFor(Pace pace, Shutter shutter, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            lock (gate)
                while (waiting.TryDequeue(out var request))
                    if (!request.Progress.IsOver) return request;
            if (shutter.Over) return null;
            if (pace.UntilDue() is not { } wait)
            {
                wake.Wait(cancellation);
                continue;
            }

            if (wait <= TimeSpan.Zero)
            {
                pace.Taken();
                return null;
            }

            using var timer = time.CreateTimer(static state => ((SemaphoreSlim)state!).Release(), wake, wait, Timeout.InfiniteTimeSpan);
            wake.Wait(cancellation);
        }
    }

    /// <summary>Takes no more; returns what still waited.</summary>
    public IReadOnlyList<TriggerRequest> Close()
    {
        lock (gate)
        {
            closed = true;
            var left = waiting.ToArray();
            waiting.Clear();
            return left;
        }
    }

    public void Dispose() => wake.Dispose();
}
