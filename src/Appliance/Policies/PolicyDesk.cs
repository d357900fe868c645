using Appliance.Models;
using Appliance.Samples;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Jobs;
using Inference.Packages;

namespace Appliance.Policies;

/// <summary>The live policy, and what to expect of it.</summary>
internal sealed record LivePolicy(string Model, string PolicyId, DecisionPolicy Policy, PolicyExpectation? Expected);

/// <summary>Proposes, tries and changes the live model's policy.</summary>
internal sealed class PolicyDesk(LiveModel live, SampleIndex index, EmbeddingSpec spec, string stateDirectory, TimeProvider time)
{
    private const double Confidence = 0.95;
    private const string NoModel = "There is no live model yet; label samples and train one first.";

    private string EmbeddingFile => SampleFiles.EmbeddingFile(stateDirectory, spec.Identity);

    /// <summary>The live policy; null while no model is live.</summary>
    /// <exception cref="PackageException">The live model's package cannot be read.</exception>
    public LivePolicy? Live()
    {
        if (live.Package() is not { } package) return null;
        var parts = Unseen(package);
        var any = parts.Any(p => p.Label == package.Manifest.GoodClass) && parts.Any(p => p.Label != package.Manifest.GoodClass);
        return new(package.ModelId, package.PolicyId, package.Policy, any ? PolicyProposer.Expect(parts, package.Manifest.Classes, package.Manifest.GoodClass, package.Policy, Confidence) : null);
    }

    /// <summary>Thresholds of the live model for an objective; null while no model is live.</summary>
    /// <exception cref="PackageException">The live model's package cannot be read.</exception>
    public PolicyProposal? Propose(PolicyObjective objective) =>
        live.Package() is { } package ? PolicyProposer.Propose(objective, Unseen(package), package.Manifest.Classes, package.Manifest.GoodClass, package.Policy) : null;

    /// <summary>What the policy would have said of what was kept. The reason why not, or the result.</summary>
    /// <exception cref="PackageException">The live model's package cannot be read.</exception>
    public (WhatIfResult? Result, string? Refusal) Try(DecisionPolicy policy, DateTimeOffset? since, int limit, CancellationToken cancellation)
    {
        if (live.Package() is not { } package) return (null, NoModel);
        return Errors(policy, package) is { } errors ? (null, errors) : (new WhatIf(package, policy, index, EmbeddingFile).Run(since, limit, time, cancellation), null);
    }

    /// <summary>Makes a policy live with the live model. The reason why not, or null.</summary>
    /// <exception cref="PackageException">The live model's package cannot be read.</exception>
    public async Task<string?> ChangeAsync(DecisionPolicy policy, string by, string why, CancellationToken cancellation)
    {
        if (live.Package() is not { } package) return NoModel;
        if ((Errors(policy, package) ?? PassesEverything(policy, package)) is { } refusal) return refusal;
        return await live.PromoteAsync(package.ModelId, policy, by, "policy: " + why, cancellation);
    }

    private static string? Errors(DecisionPolicy policy, ModelPackage package)
    {
        var errors = PolicyFile.Validate(policy, package.Manifest.Classes).ToList();
        if (policy.Objective is { } objective) errors.AddRange(PolicyProposer.Validate(objective));
        return errors.Count == 0 ? null : "The policy is refused: " + string.Join(" ", errors);
    }

    private string? PassesEverything(DecisionPolicy policy, ModelPackage package)
    {
        var manifest = package.Manifest;
        var bad = Unseen(package).Where(p => p.Label != manifest.GoodClass).ToList();
        var decider = new PolicyDecider(manifest.Classes, manifest.GoodClass, policy);
        return bad.Count > 0 && bad.TrueForAll(p => PartOutcome.Of(decider, p, isGood: false) == Verdict.Ok)
            ? $"The policy is refused: it would pass all {bad.Count} labelled bad parts as good."
            : null;
    }

    private IReadOnlyList<UnseenPart> Unseen(ModelPackage package)
    {
        IReadOnlyList<TrainingSample> samples = index.TrainingRows(spec.Identity);
        if (!File.Exists(EmbeddingFile)) return [];
        using var embeddings = new EmbeddingFileReader(EmbeddingFile, spec);
        using var answers = new UnseenAnswers(package, embeddings);
        return answers.All(samples);
    }
}
