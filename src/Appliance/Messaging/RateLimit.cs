namespace Appliance.Messaging;

/// <summary>At most so many in each period. One thread.</summary>
internal sealed class RateLimit(int count, TimeSpan period, TimeProvider time)
{
    private long? periodStart;
    private int taken;

    public bool TryTake()
    {
        if (periodStart is not { } start || time.GetElapsedTime(start) >= period)
        {
            periodStart = time.GetTimestamp();
            taken = 0;
        }

        return taken++ < count;
    }
}
