using System.Globalization;
using Appliance.Models;
using Appliance.Samples;
using Inference.Decisions;
using Inference.Packages;

namespace Appliance.Policies;

/// <summary>The live policy, and what to expect of it.</summary>
/// <param name="Expected">Null where good and bad parts are not both among those that it is counted by.</param>
/// <param name="Parts">The labelled parts that it is counted by.</param>
internal sealed record LivePolicy(string Model, string PolicyId, DecisionPolicy Policy, PolicyExpectation? Expected, PartsUsed Parts);

/// <summary>Proposes, tries and changes the live model's policy.</summary>
internal sealed class PolicyDesk(LiveModel live, LabelledEvidence evidence, SampleIndex index, TimeProvider time) : IDisposable
{
    private const double Confidence = 0.95;

    /// <summary>A policy that passes more than nine of ten labelled bad parts stops next to none.</summary>
    private const int StopsOneOf = 10;

    private static readonly (DeskRefusal, string) NoModel = (DeskRefusal.Conflict, "There is no live model yet; label samples and train one first.");

    // Judging all that was kept takes the processors for seconds.
    private readonly SemaphoreSlim trials = new(1);

    /// <summary>The live policy.</summary>
    public DeskAnswer<LivePolicy> Live() => live.Standing is { } standing ? Describe(standing.Package, evidence.Unseen(standing.Package)) : NoModel;

    /// <summary>Thresholds of the live model for an objective.</summary>
    public DeskAnswer<PolicyProposal> Propose(PolicyObjective objective)
    {
        var errors = string.Join(" ", PolicyProposer.Validate(objective));
        if (errors.Length > 0) return (DeskRefusal.Invalid, errors);
        if (live.Standing?.Package is not { } package) return NoModel;
        var unseen = evidence.Unseen(package);
        return PolicyProposer.Propose(objective, unseen.Parts, package) with { Parts = PartsUsed.Of(unseen, package) };
    }

    /// <summary>What the policy would have said of what was kept. One trial at a time.</summary>
    public async Task<DeskAnswer<WhatIfResult>> TryAsync(DecisionPolicy policy, DateTimeOffset? since, int limit, CancellationToken cancellation)
    {
        if (live.Standing?.Package is not { } package) return NoModel;
        if (Errors(policy, package) is { } errors) return (DeskRefusal.Conflict, errors);
        if (!trials.Wait(0, CancellationToken.None)) return (DeskRefusal.Busy, "Another policy is being tried on what was kept. Ask again in some seconds.");
        try
        {
            return await new WhatIf(package, policy, index, evidence.EmbeddingFile).RunAsync(since, limit, time, cancellation);
        }
        finally
        {
            trials.Release();
        }
    }

    /// <summary>Makes a policy live with the live model, if no other one is live by then.</summary>
    /// <param name="overrideMustCatch">The person answers for must-catch samples that pass by it, or that cannot be judged.</param>
    public async Task<DeskAnswer<LivePolicy>> ChangeAsync(DecisionPolicy policy, bool overrideMustCatch, string by, string why, CancellationToken cancellation)
    {
        if (live.Standing is not { } standing) return NoModel;
        if (Errors(policy, standing.Package) is { } errors) return (DeskRefusal.Conflict, errors);
        var changed = standing.Package.With(policy);
        var unseen = evidence.Unseen(changed);
        if ((PassesNearlyAll(changed, unseen) ?? StraysFromObjective(changed, unseen)) is { } refusal) return (DeskRefusal.Conflict, "The policy is refused: " + refusal);
        var answer = await live.PromoteAsync(new(changed, standing.Promotion, by, "policy: " + why, overrideMustCatch), cancellation);
        return answer.Refusal is { } missed ? (DeskRefusal.Conflict, missed) : Describe(changed, unseen);
    }

    public void Dispose() => trials.Dispose();

    private static LivePolicy Describe(ModelPackage package, UnseenParts unseen)
    {
        var parts = PartsUsed.Of(unseen, package);
        var expected = parts is { Good: > 0, Bad: > 0 } ? PolicyProposer.Expect(unseen.Parts, package, Confidence) : null;
        return new(package.ModelId, package.PolicyId, package.Policy, expected, parts);
    }

    private static string? Errors(DecisionPolicy policy, ModelPackage package)
    {
        var errors = PolicyFile.Validate(policy, package.Manifest.Classes).ToList();
        if (policy.Objective is { } objective) errors.AddRange(PolicyProposer.Validate(objective));
        return errors.Count == 0 ? null : "The policy is refused: " + string.Join(" ", errors);
    }

    private static string? PassesNearlyAll(ModelPackage package, UnseenParts unseen)
    {
        var manifest = package.Manifest;
        var bad = unseen.Parts.Where(p => p.Label != manifest.GoodClass).ToList();
        var decider = new PolicyDecider(manifest.Classes, manifest.GoodClass, package.Policy);
        var passed = bad.Count(p => PartOutcome.Of(decider, p, isGood: false) == Verdict.Ok);
        if ((bad.Count - passed) * StopsOneOf >= bad.Count) return null;
        return passed == bad.Count
            ? $"it would pass all {bad.Count} labelled bad parts as good."
            : $"it would pass {passed} of {bad.Count} labelled bad parts as good; it must stop at least one of {StopsOneOf}.";
    }

    // The next head would get thresholds for the objective, and undo what a person wrote into the file.
    private static string? StraysFromObjective(ModelPackage package, UnseenParts unseen)
    {
        if (package.Policy.Objective is not { } objective) return null;
        var proposal = PolicyProposer.Propose(objective, unseen.Parts, package);
        if (proposal.Policy is not { } proposed) return $"its objective cannot be kept now. {proposal.Why} Leave 'objective' out to set thresholds by hand.";
        var strays = proposed.Thresholds.Where(t => Math.Abs(t.Value - package.Policy.Thresholds[t.Key]) > 1e-9)
            .Select(t => string.Create(CultureInfo.InvariantCulture, $"'{t.Key}' {package.Policy.Thresholds[t.Key]:0.####} in place of {t.Value:0.####}")).ToList();
        return strays.Count == 0 ? null : $"its thresholds are not those that its objective gives now: {string.Join(", ", strays)}. Have it proposed again, or leave 'objective' out to set thresholds by hand.";
    }
}
