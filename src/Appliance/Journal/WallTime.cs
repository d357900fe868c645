namespace Appliance.Journal;

/// <summary>Wall-clock times in records: microseconds since 1970, UTC.</summary>
internal static class WallTime
{
    public static long ToMicroseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicroseconds(long microseconds)
    {
        var ticks = Math.Clamp(microseconds, 0, (DateTimeOffset.MaxValue.Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        return DateTimeOffset.UnixEpoch.AddTicks(ticks * TimeSpan.TicksPerMicrosecond);
    }
}
