using Inference.Decisions;

namespace Appliance.Policies;

/// <summary>
/// Of how many thresholds those of a policy were chosen by the same parts that its rates are counted by. An interval that holds for all of them at once holds for whichever was chosen
/// (Bonferroni), see <see cref="RateEstimate.Make"/>.
/// </summary>
/// <param name="Accept">For the good class: what escapes.</param>
/// <param name="Reject">For all other classes together: what is called bad.</param>
internal readonly record struct ThresholdChoices(double Accept, double Reject)
{
    /// <summary>For what is neither, and so a person's to look at.</summary>
    public double Both => Accept * Reject;

    /// <param name="trained">The policy that the trainer gave the model: a threshold that is still the same was chosen by it, from <see cref="ThresholdGrid"/>. One that a person set was chosen by none.</param>
    /// <param name="good">The class of good parts.</param>
    public static ThresholdChoices Of(DecisionPolicy policy, DecisionPolicy trained, string good)
    {
        if (policy.Objective?.Costs is not null) return new(LeastCost.Candidates, LeastCost.Candidates);
        var choices = new ThresholdChoices(1, 1);
        foreach (var (name, threshold) in policy.Thresholds)
        {
            if (!trained.Thresholds.TryGetValue(name, out var own) || own != threshold) continue;
            if (name != good) choices = choices with { Reject = choices.Reject * ThresholdGrid.Count };
            // For a limit to escapes it is an order statistic, and the interval exact as it is.
            else if (policy.Objective is null) choices = choices with { Accept = ThresholdGrid.Count };
        }

        return choices;
    }
}
