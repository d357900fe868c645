using System.Security.Cryptography;

namespace Appliance.Recovery;

/// <summary>Where the epochs of a restored state begin: see docs/decisions/015.</summary>
internal static class RestoredEpochs
{
    // Starts of the original that nobody knows of, by a clock that stood still.
    private const long Step = 1_000_000;

    // Keeps two restores of one backup apart that know nothing of each other and come in the same second.
    private const int Spread = 100_000;

    // Clocks of such machines may say anything; these leave room for many restores by one that does.
    private const long LatestClock = 60L * 366 * 86_400;
    private const long LongestLife = 10L * 366 * 86_400;
    private static readonly DateTimeOffset ClockStart = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The next epoch is above it; null when there are none left.</summary>
    /// <param name="known">The highest epoch that anything here knows of.</param>
    public static uint? Floor(uint known, DateTimeOffset takenAt, DateTimeOffset now)
    {
        var clock = Math.Clamp((long)(now - ClockStart).TotalSeconds, 0, LatestClock);
        var life = Math.Clamp((long)(now - takenAt).TotalSeconds, 0, LongestLife);
        var floor = Math.Max(clock, known + Step + life) + RandomNumberGenerator.GetInt32(Spread);
        return floor < uint.MaxValue - Step ? (uint)floor : null;
    }
}
