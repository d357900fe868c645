using Appliance.Models.Shadows;
using Appliance.Policies;
using Appliance.Samples;
using Inference.Packages;

namespace Appliance.Models;

/// <summary>Changes of the live model by a person's word.</summary>
internal sealed class ModelDesk(LiveModel live, ModelStore store, SampleIndex index, LabelledEvidence evidence, ShadowPeriod shadow)
{
    /// <summary>Makes a stored model live, without the gate. What a person set for the live one goes along, see <see cref="StandingPolicy"/>.</summary>
    /// <param name="overrideMustCatch">The person answers for must-catch samples that it passes, or that cannot be judged.</param>
    /// <param name="packagePolicy">Takes the policy of the model's package, and leaves behind what a person set.</param>
    public async Task<DeskAnswer<StandingModel>> PromoteAsync(string model, bool packagePolicy, bool overrideMustCatch, string by, string why, CancellationToken cancellation)
    {
        var standing = live.Standing;
        var candidate = await QuietThread.RunAsync(() => Candidate(model, standing?.Package, packagePolicy));
        if (candidate.Value is not { } kept) return (candidate.Kind, candidate.Why!);
        var reason = kept.Said is { } said ? $"promoted: {why}; {said}" : "promoted: " + why;
        return await ChangeAsync(new(kept.Model, standing?.Promotion, by, reason, overrideMustCatch), cancellation);
    }

    /// <summary>Lets a stored model judge beside the live one, with the policy that it would go live with.</summary>
    public async Task<DeskAnswer<ShadowView>> ShadowAsync(string model, bool packagePolicy, ShadowTerms terms, string by, string why, CancellationToken cancellation)
    {
        if (live.Standing is not { } standing) return (DeskRefusal.Conflict, "There is no live model that it could judge beside; promote it.");
        var candidate = await QuietThread.RunAsync(() => Candidate(model, standing.Package, packagePolicy));
        if (candidate.Value is not { } kept) return (candidate.Kind, candidate.Why!);
        return await shadow.BeginAsync(kept.Model, standing.Promotion, terms, by, kept.Said is { } said ? $"{why}; {said}" : why, cancellation);
    }

    /// <summary>Back to the model, or policy, behind the live one, see <see cref="Succession"/>.</summary>
    public async Task<DeskAnswer<StandingModel>> RollbackAsync(bool overrideMustCatch, string by, string why, CancellationToken cancellation)
    {
        if (live.Current is not { } now || Succession.Of(index.Promotions(int.MaxValue)) is not [_, var behind, ..]) return (DeskRefusal.Conflict, "There is no model before the current one.");
        return Read(behind.Model, out var broken) is { } package
            ? await ChangeAsync(new(package.With(behind.Content), now, by, "rollback: " + why, overrideMustCatch), cancellation)
            : (DeskRefusal.Conflict, broken!);
    }

    private async Task<DeskAnswer<StandingModel>> ChangeAsync(PromotionRequest request, CancellationToken cancellation)
    {
        var answer = await live.PromoteAsync(request, cancellation);
        return answer.Promoted is { } promotion ? new StandingModel(promotion, request.Package) : (DeskRefusal.Conflict, answer.Refusal!);
    }

    private DeskAnswer<KeptPolicy> Candidate(string model, ModelPackage? standing, bool packagePolicy)
    {
        if (Read(model, out var missing) is not { } package) return (DeskRefusal.Missing, missing!);
        if (packagePolicy) return new KeptPolicy(package, null, null);
        if (package.Manifest.Embedding.Identity != evidence.Spec.Identity) return (DeskRefusal.Conflict, $"Model {model} is refused: it reads embeddings of another backbone, region or size than this station computes.");
        using var embeddings = evidence.Open();
        var kept = StandingPolicy.Keep(standing, package, () => evidence.Samples, embeddings, headAnswers: true);
        return kept.Unkept is { } unkept ? (DeskRefusal.Conflict, $"Model {model} is refused: {unkept} To leave that behind, ask for the policy of its package.") : kept;
    }

    private ModelPackage? Read(string model, out string? why)
    {
        try
        {
            why = null;
            return store.Read(model);
        }
        catch (PackageException e)
        {
            why = e.Message;
            return null;
        }
    }
}
