using System.Globalization;

namespace Appliance.Capture.Simulation;

/// <summary>What is wrong with a simulated plate, decided by seed and plate number alone.</summary>
internal static class PlateTruth
{
    public const double DefaultGoodShare = 0.6;

    public const string Good = "good";

    /// <summary>All classes; the good one first.</summary>
    public static readonly IReadOnlyList<string> Classes = [Good, "scratch", "stain", "pit", "crack"];

    // Shares among the bad ones, as a machining line would see them: handling marks often, cracks seldom.
    private static readonly double[] BadUpTo = [0.34, 0.60, 0.83, 1];

    /// <summary>Class of a plate.</summary>
    public static string Of(ulong seed, long plate, double goodShare = DefaultGoodShare)
    {
        var random = Random(seed, plate, 0);
        if (random.Unit() < goodShare) return Good;
        var which = random.Unit();
        return Classes[1 + Array.FindIndex(BadUpTo, limit => which < limit)];
    }

    /// <summary><c>plate-000123</c>.</summary>
    public static string PartId(long plate) => string.Create(CultureInfo.InvariantCulture, $"plate-{plate:000000}");

    /// <summary>The plate number of an id that <see cref="PartId"/> made.</summary>
    public static bool TryPlateOf(string? part, out long plate)
    {
        plate = 0;
        return part is not null && part.StartsWith("plate-", StringComparison.Ordinal)
            && long.TryParse(part.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out plate);
    }

    /// <summary>Random numbers of one plate for one purpose.</summary>
    public static SplitMix Random(ulong seed, long number, ulong purpose)
    {
        var mixed = new SplitMix(seed ^ (purpose * 0xD1B54A32D192ED03UL));
        return new SplitMix(mixed.Next() ^ new SplitMix((ulong)number).Next());
    }
}
