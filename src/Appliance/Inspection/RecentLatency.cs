namespace Appliance.Inspection;

/// <summary>The last 1,024 durations, ms. Not safe for several threads.</summary>
internal sealed class RecentLatency
{
    private readonly double[] ring = new double[1024];
    private long count;

    public void Add(double ms) => ring[count++ % ring.Length] = ms;

    /// <summary>The value at a quantile (0..1), by nearest rank; 0 for none.</summary>
    public double At(double quantile)
    {
        var sorted = ring.AsSpan(0, (int)Math.Min(count, ring.Length)).ToArray();
        Array.Sort(sorted);
        return sorted.Length == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(quantile * sorted.Length) - 1)];
    }
}
