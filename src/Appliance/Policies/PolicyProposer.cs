using System.Globalization;
using Appliance.Models;
using Inference.Decisions;
using Inference.Packages;

namespace Appliance.Policies;

/// <summary>Chooses a model's thresholds for an objective, by labelled parts that the model has not seen. Band and unseen limit stay those of its policy.</summary>
internal static class PolicyProposer
{
    /// <summary>For a model, in the place of the policy that it has.</summary>
    public static PolicyProposal Propose(PolicyObjective objective, IReadOnlyList<UnseenPart> parts, ModelPackage model) =>
        Propose(objective, model.Policy, new(parts, model.Manifest.Classes, model.Manifest.GoodClass, model.OwnPolicy));

    /// <param name="policy">The policy that is changed.</param>
    public static PolicyProposal Propose(PolicyObjective objective, DecisionPolicy policy, PolicyEvidence evidence)
    {
        var (parts, classes, good, _) = evidence;
        var scores = PartScores.Of(parts, classes, good, policy);
        if (scores.All(p => p.IsGood) || !scores.Any(p => p.IsGood))
        {
            var (goods, bads) = (scores.Count(p => p.IsGood), scores.Count(p => !p.IsGood));
            return None(objective, $"Not enough parts: {goods} good and {bads} bad ones are labelled and judged unseen; both kinds are needed.", objective.MaxEscape is { } limit ? RateEstimate.PartsNeeded(limit, objective.Confidence) - bads : 1);
        }

        return objective.MaxEscape is { } maxEscape ? WithLimit(objective, maxEscape, scores, evidence, policy) : WithCosts(objective, objective.Costs!, scores, evidence, policy);
    }

    /// <summary>What to expect of a model with the policy that it has.</summary>
    public static PolicyExpectation Expect(IReadOnlyList<UnseenPart> parts, ModelPackage model, double confidence) =>
        Expect(model.Policy, new(parts, model.Manifest.Classes, model.Manifest.GoodClass, model.OwnPolicy), confidence);

    /// <summary>What to expect of a policy. Where its thresholds were chosen from a grid by these parts, the intervals allow for it.</summary>
    public static PolicyExpectation Expect(DecisionPolicy policy, PolicyEvidence evidence, double confidence)
    {
        var decider = new PolicyDecider(evidence.Classes, evidence.Good, policy);
        var choices = ThresholdChoices.Of(policy, evidence.Trained, evidence.Good);
        var outcomes = evidence.Parts.Select(p => (IsGood: p.Label == evidence.Good, Verdict: PartOutcome.Of(decider, p, p.Label == evidence.Good))).ToList();
        var (good, bad) = (outcomes.Where(o => o.IsGood).Select(o => o.Verdict).ToList(), outcomes.Where(o => !o.IsGood).Select(o => o.Verdict).ToList());
        return new(
            Rate(bad, Verdict.Ok, choices.Accept), Rate(good, Verdict.Ng, choices.Reject), Rate(good, Verdict.Unsure, choices.Both), Rate(bad, Verdict.Unsure, choices.Both), confidence);

        RateEstimate Rate(List<Verdict> of, Verdict verdict, double among) => RateEstimate.Make(of.Count(v => v == verdict), of.Count, confidence, among);
    }

    /// <summary>What is wrong with an objective.</summary>
    public static IEnumerable<string> Validate(PolicyObjective? objective)
    {
        if (objective is null || objective.MaxEscape is null == objective.Costs is null)
        {
            yield return "Give either maxEscape or costs.";
            yield break;
        }

        if (!(objective.Confidence is >= 0.5 and <= 0.999)) yield return Say($"confidence is {objective.Confidence}; it takes 0.5 to 0.999.");
        if (objective.MaxEscape is { } limit && !(limit is >= 1e-6 and <= 0.5)) yield return Say($"maxEscape is {limit}; it takes 0.000001 (0.0001 %) to 0.5 (50 %).");
        if (objective.Costs is not { } c) yield break;
        foreach (var (name, value, from) in new[] { ("escape", c.Escape, 0), ("reject", c.Reject, 0), ("review", c.Review, 0), ("reviewsPerHour", c.ReviewsPerHour, 0), ("partsPerHour", c.PartsPerHour, 1.0) })
            if (!(value >= from && value <= 1e9)) yield return Say($"costs.{name} is {value}; it takes {from} to 1000000000.");
        if (!(c.BadShare is > 0 and < 1)) yield return Say($"costs.badShare is {c.BadShare}; it takes more than 0 and less than 1, for example 0.02.");
    }

    private static PolicyProposal WithLimit(PolicyObjective objective, double maxEscape, IReadOnlyList<PartScores> scores, PolicyEvidence evidence, DecisionPolicy policy)
    {
        var (threshold, why, more) = EscapeLimit.Find(scores, maxEscape, objective.Confidence);
        if (threshold is not { } accept) return None(objective, why, more);
        var proposed = policy with { Objective = objective, Thresholds = policy.Thresholds.ToDictionary(t => t.Key, t => t.Key == evidence.Good ? accept : t.Value, StringComparer.Ordinal) };
        return Found(objective, proposed, evidence, why);
    }

    private static PolicyProposal WithCosts(PolicyObjective objective, VerdictCosts costs, IReadOnlyList<PartScores> scores, PolicyEvidence evidence, DecisionPolicy policy)
    {
        if (LeastCost.Find(scores, costs) is not { } found)
            return None(objective, Say($"People cannot keep up: the fewest reviews that any thresholds give are {LeastCost.FewestReviews(scores, costs):0.#} an hour, and {costs.ReviewsPerHour:0.#} are possible."), 0);
        var proposed = policy with { Objective = objective, Thresholds = policy.Thresholds.ToDictionary(t => t.Key, t => t.Key == evidence.Good ? found.Accept : found.Reject, StringComparer.Ordinal) };
        return Found(objective, proposed, evidence, LeastCost.Say(found));
    }

    private static PolicyProposal Found(PolicyObjective objective, DecisionPolicy policy, PolicyEvidence evidence, string why) =>
        new(objective, policy, PolicyFile.Id(policy), Expect(policy, evidence, objective.Confidence), why, 0);

    private static PolicyProposal None(PolicyObjective objective, string why, int moreBadParts) => new(objective, null, null, null, why, Math.Max(0, moreBadParts));

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
