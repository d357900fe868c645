using System.Globalization;
using Inference.Decisions;

namespace Appliance.Policies;

/// <summary>
/// The pair of thresholds, for the good class and for all others, that costs least a part while people can keep up with the reviews. Chosen from a fixed
/// grid, so that the intervals can allow for the choice.
/// </summary>
internal static class LeastCost
{
    /// <summary>Thresholds tried for each of the two; evenly spaced in log-odds, see <see cref="Grid"/>.</summary>
    public const int Candidates = 32;

    private const double MostLogOdds = 8;

    /// <summary>0.5 to 0.9997.</summary>
    private static readonly double[] Grid = [.. Enumerable.Range(0, Candidates).Select(i => Math.Round(1 / (1 + Math.Exp(-MostLogOdds * i / (Candidates - 1))), 6))];

    /// <summary>Accept and reject threshold; null where people cannot keep up at any pair. <c>Cost</c> is that of one part.</summary>
    public static (double Accept, double Reject, double Cost, double ReviewsPerHour)? Find(IReadOnlyList<PartScores> parts, VerdictCosts costs)
    {
        (double Accept, double Reject, double Cost, double ReviewsPerHour)? best = null;
        foreach (var accept in Grid)
        {
            foreach (var reject in Grid)
            {
                var (cost, reviews) = Of(parts, accept, reject, costs);
                if (reviews > costs.ReviewsPerHour) continue;
                if (best is null || cost < best.Value.Cost || (cost == best.Value.Cost && reviews < best.Value.ReviewsPerHour)) best = (accept, reject, cost, reviews);
            }
        }

        return best;
    }

    /// <summary>The fewest reviews an hour that any pair gives.</summary>
    public static double FewestReviews(IReadOnlyList<PartScores> parts, VerdictCosts costs) => Of(parts, Grid[0], Grid[0], costs).ReviewsPerHour;

    public static string Say((double Accept, double Reject, double Cost, double ReviewsPerHour) found) => string.Create(CultureInfo.InvariantCulture,
        $"Of {Candidates * Candidates} pairs of thresholds the cheapest within the reviews that people can do: {found.Cost:0.####} a part, {found.ReviewsPerHour:0.#} reviews an hour.");

    private static (double Cost, double ReviewsPerHour) Of(IReadOnlyList<PartScores> parts, double accept, double reject, VerdictCosts costs)
    {
        double good = 0, bad = 0, escaped = 0, rejected = 0, goodReviewed = 0, badReviewed = 0;
        foreach (var part in parts)
        {
            var verdict = part.At(accept, reject);
            if (part.IsGood)
            {
                good++;
                if (verdict == Verdict.Ng) rejected++;
                else if (verdict == Verdict.Unsure) goodReviewed++;
            }
            else
            {
                bad++;
                if (verdict == Verdict.Ok) escaped++;
                else if (verdict == Verdict.Unsure) badReviewed++;
            }
        }

        var (badShare, goodShare) = (costs.BadShare / bad, (1 - costs.BadShare) / good);
        var reviewed = badShare * badReviewed + goodShare * goodReviewed;
        return (badShare * escaped * costs.Escape + goodShare * rejected * costs.Reject + reviewed * costs.Review, reviewed * costs.PartsPerHour);
    }
}
