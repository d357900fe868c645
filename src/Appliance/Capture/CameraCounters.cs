namespace Appliance.Capture;

/// <summary>What one camera counts since the start of the service. Any thread.</summary>
internal sealed class CameraCounters
{
    private long grabbed;
    private long skipped;
    private long repeated;
    private long dropped;
    private long faults;
    private long restarts;

    public long Grabbed => Interlocked.Read(ref grabbed);

    public long Skipped => Interlocked.Read(ref skipped);

    public long Repeated => Interlocked.Read(ref repeated);

    public long Dropped => Interlocked.Read(ref dropped);

    public long Faults => Interlocked.Read(ref faults);

    public long Restarts => Interlocked.Read(ref restarts);

    public void Grab() => Interlocked.Increment(ref grabbed);

    public void Skip() => Interlocked.Increment(ref skipped);

    public void Repeat() => Interlocked.Increment(ref repeated);

    public void Drop(int pictures) => Interlocked.Add(ref dropped, pictures);

    public void Fault() => Interlocked.Increment(ref faults);

    public void Restart() => Interlocked.Increment(ref restarts);
}
