using System.Globalization;

namespace Appliance.Policies;

/// <summary>
/// The lowest threshold of the good class that keeps escapes below a limit with the stated confidence. How many of the labelled bad parts may lie above it is
/// fixed by their number alone, before a score is looked at; so the threshold is an order statistic of the bad parts' scores, and the exact interval
/// holds although the data chose it (Wilks 1941, distribution-free tolerance limits).
/// </summary>
internal static class EscapeLimit
{
    /// <summary>A part is not passed on less than an even chance, however few escapes that would cost.</summary>
    public const double LeastThreshold = 0.5;

    /// <summary>Thresholds are rounded up to this step, which is the safe side.</summary>
    private const double Step = 1e-4;

    /// <summary>The threshold and the words for it; without a threshold, <c>MoreBadParts</c> says whether parts are what is missing.</summary>
    public static (double? Threshold, string Why, int MoreBadParts) Find(IReadOnlyList<PartScores> parts, double maxEscape, double confidence)
    {
        var bad = parts.Where(p => !p.IsGood).Select(p => p.MostPassed).OrderDescending().ToList();
        var allowed = Allowed(bad.Count, maxEscape, confidence);
        if (allowed < 0)
        {
            var more = RateEstimate.PartsNeeded(maxEscape, confidence) - bad.Count;
            return (null, Say($"Not enough parts to promise at most {maxEscape:P2} escapes with {confidence:P0} confidence: {more} more bad parts needed, beside the {bad.Count} that are labelled and judged unseen."), more);
        }

        var above = Math.BitIncrement(bad[allowed]);
        var rounded = Math.Ceiling(above / Step) * Step;
        // Near 1 the step is too coarse: good parts lie close together there.
        var threshold = Math.Max(LeastThreshold, rounded >= 1 ? above : rounded);
        return threshold > 1
            ? (null, Say($"No threshold keeps that promise: {allowed + 1} of {bad.Count} bad parts are taken for good with certainty. Look at their labels and pictures."), 0)
            : (threshold, Words(bad, allowed, threshold), 0);
    }

    // Fewer may pass than the limit allows.
    private static string Words(List<float> bad, int allowed, double threshold)
    {
        var passed = bad.Count(p => p >= threshold);
        return passed == allowed ? Say($"{allowed} of {bad.Count} bad parts may pass, and so the threshold lies above the next one.")
            : threshold == LeastThreshold ? Say($"{passed} of {bad.Count} bad parts pass. The limit allows {allowed}, but nothing is passed below {LeastThreshold}, however few escapes that would cost.")
            : Say($"{passed} of {bad.Count} bad parts pass. The limit allows {allowed}, but others lie as high as the first one that may not.");
    }

    /// <summary>The most of <paramref name="bad"/> parts that may pass; -1 when not even none of them is enough.</summary>
    private static int Allowed(int bad, double maxEscape, double confidence)
    {
        var allowed = -1;
        while (allowed + 1 < bad && RateEstimate.Make(allowed + 1, bad, confidence).Upper <= maxEscape) allowed++;
        return allowed;
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
