namespace Appliance.Journal;

/// <summary>Wall-clock times in records: microseconds since 1970, UTC.</summary>
internal static class WallTime
{
    /// <summary>
    /// Now, but after the newest fact of its kind: the index puts these in order by their times, and a clock that was set back, as on a station without a network, must not bring back what
    /// was replaced.
    /// </summary>
    public static DateTimeOffset After(this TimeProvider time, DateTimeOffset? newest) => time.GetUtcNow() is var now && now <= newest ? newest.Value.AddTicks(1) : now;

    public static long ToMicroseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicroseconds(long microseconds)
    {
        var ticks = Math.Clamp(microseconds, 0, (DateTimeOffset.MaxValue.Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        return DateTimeOffset.UnixEpoch.AddTicks(ticks * TimeSpan.TicksPerMicrosecond);
    }
}
