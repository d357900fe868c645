namespace Appliance.Capture;

/// <summary>Wakes the one thread that waits, by a call or after a time on the station's clock, to the millisecond above. It may wake for nothing.</summary>
internal sealed class Wake(TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim signal = new(0);
    private bool disposed;

    /// <summary>Any thread, at any time: a timer's last call may come after the disposal.</summary>
    public void Set()
    {
        lock (gate)
        {
            if (!disposed) signal.Release();
        }
    }

    /// <param name="limit">Null waits for ever.</param>
    public void Wait(TimeSpan? limit, CancellationToken cancellation)
    {
        // What is below a millisecond a timer takes for none, and the thread would spin.
        var wait = limit is { } after ? TimeSpan.FromMilliseconds(Math.Ceiling(after.TotalMilliseconds)) : Timeout.InfiniteTimeSpan;
        if (limit is null || time == TimeProvider.System)
        {
            // A timer would need a thread of the pool, which may be busy, to say that it is time.
            signal.Wait(wait, cancellation);
            return;
        }

        using var timer = time.CreateTimer(static state => ((Wake)state!).Set(), this, wait, Timeout.InfiniteTimeSpan);
        signal.Wait(cancellation);
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            signal.Dispose();
        }
    }
}
