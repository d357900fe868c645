using Appliance.Models;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Jobs;
using Inference.Packages;

namespace Appliance.Policies;

/// <summary>What the live policy was chosen for holds for the models after it: a new head gets thresholds for the same objective, or does not go live.</summary>
internal static class StandingObjective
{
    /// <summary>The candidate with the policy that it would go live with, or why it cannot keep the objective.</summary>
    public static (ModelPackage Candidate, string? Unkept) Keep(ModelPackage? live, ModelPackage candidate, IReadOnlyList<TrainingSample> samples, EmbeddingFileReader embeddings)
    {
        if (live?.Policy.Objective is not { } objective) return (candidate, null);
        using var answers = new UnseenAnswers(candidate, embeddings, headAnswers: false);
        var manifest = candidate.Manifest;
        var proposal = PolicyProposer.Propose(objective, answers.All(samples), manifest.Classes, manifest.GoodClass, candidate.Policy);
        return proposal.Policy is { } policy
            ? (candidate with { Policy = policy, PolicyId = PolicyFile.Id(policy) }, null)
            : (candidate, "it cannot keep what the live policy was chosen for: " + proposal.Why);
    }
}
