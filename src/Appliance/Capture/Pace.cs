namespace Appliance.Capture;

/// <summary>
/// When free run takes its next picture, on the monotonic clock. Due times lie on a fixed grid, so lateness does not add up;
/// after a stall longer than one interval the grid starts anew instead of catching up in a burst. One thread.
/// </summary>
internal sealed class Pace
{
    private readonly TimeProvider time;
    private readonly CameraMode mode;
    private readonly double interval;
    private double due;
    private bool started;
    private volatile bool paused;

    public Pace(CameraOptions options, TimeProvider time)
    {
        this.time = time;
        mode = options.Mode;
        interval = options.RatePerSecond > 0 ? time.TimestampFrequency / options.RatePerSecond : 0;
    }

    /// <summary>While true only triggers take pictures. Any thread.</summary>
    public bool Paused
    {
        get => paused;
        set => paused = value;
    }

    /// <summary>Time until the next picture, zero or less when it is due; null where only triggers take pictures.</summary>
    public TimeSpan? UntilDue()
    {
        if (mode == CameraMode.Trigger || paused) return null;
        if (!started || interval == 0) return TimeSpan.Zero;
        return TimeSpan.FromSeconds((due - time.GetTimestamp()) / time.TimestampFrequency);
    }

    /// <summary>A picture of free run is being taken now.</summary>
    public void Taken()
    {
        double now = time.GetTimestamp();
        due = !started || now - due > interval ? now + interval : due + interval;
        started = true;
    }
}
