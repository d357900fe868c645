using MathNet.Numerics;

namespace Appliance.Policies;

/// <summary>So many of so many parts, and the interval in which the true rate lies: exact, by Clopper and Pearson (Biometrika 1934), two-sided.</summary>
/// <param name="Count">Parts that it happened to.</param>
/// <param name="Of">Parts looked at.</param>
/// <param name="Lower">0..1.</param>
/// <param name="Upper">0..1.</param>
internal sealed record RateEstimate(int Count, int Of, double Lower, double Upper)
{
    /// <param name="confidence">That the interval holds the true rate, 0..1.</param>
    /// <param name="choices">How many thresholds the data chose from: the interval holds for whichever was chosen (Bonferroni). May be many, of several classes together.</param>
    public static RateEstimate Make(int count, int of, double confidence, double choices = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, of);
        var tail = (1 - confidence) / 2 / choices;
        return new(count, of, count == 0 ? 0 : Quantile(count, of - count + 1, tail), count == of ? 1 : 1 - Quantile(of - count, count + 1, tail));
    }

    /// <summary>Parts needed, none of them counted, before the interval lies below <paramref name="limit"/>.</summary>
    public static int PartsNeeded(double limit, double confidence) => (int)Math.Ceiling(Math.Log((1 - confidence) / 2) / Math.Log(1 - limit));

    // By halving, of the lower tail alone: exact also where the tail is so small that 1 less it is 1.
    private static double Quantile(double a, double b, double tail)
    {
        var (low, high) = (0.0, 1.0);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (SpecialFunctions.BetaRegularized(a, b, middle) < tail) low = middle;
            else high = middle;
        }

        return low;
    }
}
