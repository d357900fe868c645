namespace Appliance.Capture.Supervision;

/// <summary>Says that a call into a driver has not come back in time. Begun and ended by one thread; told on another.</summary>
internal sealed class CallLimit : IDisposable
{
    private readonly TimeProvider time;
    private readonly Action<TimeSpan> passed;
    private readonly ITimer timer;
    private long started;
    private long limitTicks;

    public CallLimit(TimeProvider time, Action<TimeSpan> passed)
    {
        this.time = time;
        this.passed = passed;
        timer = time.CreateTimer(_ => Check(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Begin(TimeSpan limit)
    {
        Interlocked.Exchange(ref started, time.GetTimestamp());
        Interlocked.Exchange(ref limitTicks, limit.Ticks);
        timer.Change(limit, Timeout.InfiniteTimeSpan);
    }

    public void End() => Interlocked.Exchange(ref limitTicks, 0);

    public void Dispose() => timer.Dispose();

    // A timer may be of a call that has ended by now, or a little early.
    private void Check()
    {
        var limit = TimeSpan.FromTicks(Interlocked.Read(ref limitTicks));
        if (limit == TimeSpan.Zero) return;
        var left = limit - time.GetElapsedTime(Interlocked.Read(ref started));
        if (left > TimeSpan.Zero) timer.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        else passed(limit);
    }
}
