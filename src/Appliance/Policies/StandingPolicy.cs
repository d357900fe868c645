using System.Globalization;
using Appliance.Models;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Jobs;
using Inference.Packages;

namespace Appliance.Policies;

/// <summary>A model with the policy that it would go live with.</summary>
/// <param name="Unkept">Why it cannot keep what the live policy was chosen for; null where it can.</param>
/// <param name="Said">What it takes over from the live policy, in words; null where nothing.</param>
internal sealed record KeptPolicy(ModelPackage Model, string? Unkept, string? Said);

/// <summary>
/// What a person set for the live model holds for the models after it. For the same objective a new head gets thresholds of its own, or does not go live; thresholds set by
/// hand it takes over, class by class. Unsure band and unseen limit it takes over where they are not those that the live model's package came with.
/// </summary>
internal static class StandingPolicy
{
    /// <param name="samples">Asked for where the live policy was chosen for an objective: a station has a hundred thousand.</param>
    /// <param name="headAnswers">False for a model that was trained on all of these samples just now.</param>
    public static KeptPolicy Keep(ModelPackage? live, ModelPackage next, Func<IReadOnlyList<TrainingSample>> samples, EmbeddingFileReader? embeddings, bool headAnswers)
    {
        if (live is null || live.HasOwnPolicy) return new(next, null, null);
        var (own, standing, policy) = (live.OwnPolicy, live.Policy, next.OwnPolicy);
        List<string> said = [];
        if (standing.UnsureBand != own.UnsureBand)
        {
            policy = policy with { UnsureBand = standing.UnsureBand };
            said.Add(Say($"unsure band {standing.UnsureBand:0.###}"));
        }

        if (standing.UnseenLimit != own.UnseenLimit)
        {
            policy = policy with { UnseenLimit = standing.UnseenLimit };
            said.Add(Say($"unseen limit {standing.UnseenLimit:0.##}"));
        }

        if (standing.Objective is { } objective)
        {
            var found = Propose(objective, next.With(policy), samples(), embeddings, headAnswers);
            if (found.Policy is not { } proposed) return new(next, "it cannot keep what the live policy was chosen for: " + found.Why, null);
            policy = proposed;
            said.Add("its objective (" + found.Why.TrimEnd('.') + ")");
        }
        else
        {
            policy = ByHand(standing, policy, said);
        }

        return new(next.With(policy), null, said.Count == 0 ? null : "from the live policy it takes " + string.Join("; ", said));
    }

    private static DecisionPolicy ByHand(DecisionPolicy standing, DecisionPolicy policy, List<string> said)
    {
        var thresholds = policy.Thresholds.ToDictionary(t => t.Key, t => standing.Thresholds.GetValueOrDefault(t.Key, t.Value), StringComparer.Ordinal);
        var (kept, fresh) = (policy.Thresholds.Keys.Where(standing.Thresholds.ContainsKey).ToList(), policy.Thresholds.Keys.Where(c => !standing.Thresholds.ContainsKey(c)).ToList());
        if (kept.Count > 0) said.Add("thresholds set by hand: " + string.Join(", ", kept.Select(c => Say($"{c} {thresholds[c]:0.####}"))));
        if (fresh.Count > 0) said.Add("for classes that it did not know the trainer's: " + string.Join(", ", fresh.Select(c => Say($"{c} {thresholds[c]:0.####}"))));
        return policy with { Thresholds = thresholds };
    }

    private static PolicyProposal Propose(PolicyObjective objective, ModelPackage model, IReadOnlyList<TrainingSample> samples, EmbeddingFileReader? embeddings, bool headAnswers)
    {
        if (embeddings is null) return PolicyProposer.Propose(objective, [], model);
        using var answers = new UnseenAnswers(model, embeddings, headAnswers);
        return PolicyProposer.Propose(objective, answers.All(samples).Parts, model);
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
