using Appliance.Models;
using Inference.Decisions;

namespace Appliance.Policies;

/// <summary>
/// A labelled part as the thresholds see it. Band and unseen limit of the policy have decided already: an answer that they make UNSURE counts 0.
/// </summary>
/// <param name="IsGood">What the label says.</param>
/// <param name="LeastPassed">Every inspection is passed as good from this threshold down, 0..1; 0 where one never is.</param>
/// <param name="MostPassed">One inspection is passed as good from this threshold down.</param>
/// <param name="LeastRejected">Every inspection is called bad from this threshold down.</param>
/// <param name="MostRejected">One inspection is called bad from this threshold down.</param>
internal readonly record struct PartScores(bool IsGood, float LeastPassed, float MostPassed, float LeastRejected, float MostRejected)
{
    public static IReadOnlyList<PartScores> Of(IReadOnlyList<UnseenPart> parts, IReadOnlyList<string> classes, string good, DecisionPolicy policy)
    {
        // With thresholds that everything passes, what is left is band and limit.
        var open = new PolicyDecider(classes, good, policy with { Thresholds = classes.ToDictionary(c => c, _ => double.Epsilon) });
        return [.. parts.Select(p => Of(p, open, p.Label == good))];
    }

    /// <summary>The verdict that <see cref="PartOutcome"/> gives at these thresholds.</summary>
    /// <param name="accept">Of the good class.</param>
    /// <param name="reject">Of every other class.</param>
    public Verdict At(double accept, double reject)
    {
        if (IsGood) return MostRejected > 0 && MostRejected >= reject ? Verdict.Ng : LeastPassed > 0 && LeastPassed >= accept ? Verdict.Ok : Verdict.Unsure;
        return MostPassed > 0 && MostPassed >= accept ? Verdict.Ok : LeastRejected > 0 && LeastRejected >= reject ? Verdict.Ng : Verdict.Unsure;
    }

    private static PartScores Of(UnseenPart part, PolicyDecider open, bool isGood)
    {
        var (leastPassed, mostPassed, leastRejected, mostRejected) = (float.PositiveInfinity, 0f, float.PositiveInfinity, 0f);
        foreach (var answer in part.Answers)
        {
            var decision = open.Decide(answer.Probabilities, answer.Distance);
            var passed = decision.Verdict == Verdict.Ok ? decision.Probability : 0;
            var rejected = decision.Verdict == Verdict.Ng ? decision.Probability : 0;
            (leastPassed, mostPassed) = (Math.Min(leastPassed, passed), Math.Max(mostPassed, passed));
            (leastRejected, mostRejected) = (Math.Min(leastRejected, rejected), Math.Max(mostRejected, rejected));
        }

        return new(isGood, leastPassed, mostPassed, leastRejected, mostRejected);
    }
}
