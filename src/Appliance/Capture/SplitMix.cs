namespace Appliance.Capture;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): small, and the same numbers for ever, which <see cref="Random"/> does not promise.</summary>
internal struct SplitMix(ulong state)
{
    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15UL;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>0 (included) to 1 (not).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public double Between(double low, double high) => low + Unit() * (high - low);

    /// <summary>0 (included) to limit (not).</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>Mean 0, deviation 1, from four uniform 16-bit numbers: tails end at 3.5, which is enough for noise.</summary>
    public double Normal()
    {
        var bits = Next();
        var sum = (double)(bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
        return (sum / 65535 - 2) * 1.7320508;
    }

    public void Shuffle<T>(Span<T> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }
}
