namespace Appliance.Watchdog;

/// <summary>One loop's sign of life, given where the work is done: since when it is busy with the work in hand. Waiting for work is alive. Set by one thread, read by any.</summary>
internal sealed class Pulse(string name, TimeProvider time)
{
    private const long Idle = 0;
    private long busySince = Idle;

    /// <summary>What stands still, for people.</summary>
    public string Name => name;

    /// <summary>How long the work in hand has taken so far; zero while idle.</summary>
    public TimeSpan Busy => Volatile.Read(ref busySince) is var since && since == Idle ? TimeSpan.Zero : time.GetElapsedTime(since);

    public void Begin() => Volatile.Write(ref busySince, Math.Max(1, time.GetTimestamp()));

    public void End() => Volatile.Write(ref busySince, Idle);
}
