using Appliance.Policies;
using Appliance.Samples;
using Inference.Packages;

namespace Appliance.Models;

/// <summary>Changes of the live model by a person's word.</summary>
internal sealed class ModelDesk(LiveModel live, ModelStore store, SampleIndex index, LabelledEvidence evidence)
{
    /// <summary>Makes a stored model live, without the gate. What a person set for the live one goes along, see <see cref="StandingPolicy"/>.</summary>
    /// <param name="packagePolicy">Takes the policy of the model's package, and leaves behind what a person set.</param>
    public async Task<DeskAnswer<StandingModel>> PromoteAsync(string model, bool packagePolicy, string by, string why, CancellationToken cancellation)
    {
        if (Read(model, out var missing) is not { } package) return (DeskRefusal.Missing, missing!);
        var standing = live.Standing;
        using var embeddings = evidence.Open();
        var kept = packagePolicy ? new(package, null, null) : StandingPolicy.Keep(standing?.Package, package, evidence.Samples, embeddings, headAnswers: true);
        if (kept.Unkept is { } unkept) return (DeskRefusal.Conflict, $"Model {model} is refused: {unkept} To leave that behind, ask for the policy of its package.");
        var reason = kept.Said is { } said ? $"promoted: {why}; {said}" : "promoted: " + why;
        return await ChangeAsync(new(kept.Model, standing?.Promotion, by, reason), cancellation);
    }

    /// <summary>Back to the model, or policy, behind the live one, see <see cref="Succession"/>.</summary>
    public async Task<DeskAnswer<StandingModel>> RollbackAsync(string by, string why, CancellationToken cancellation)
    {
        if (live.Current is not { } now || Succession.Of(index.Promotions(int.MaxValue)) is not [_, var behind, ..]) return (DeskRefusal.Conflict, "There is no model before the current one.");
        return Read(behind.Model, out var broken) is { } package
            ? await ChangeAsync(new(package.With(behind.Content), now, by, "rollback: " + why), cancellation)
            : (DeskRefusal.Conflict, broken!);
    }

    private async Task<DeskAnswer<StandingModel>> ChangeAsync(PromotionRequest request, CancellationToken cancellation)
    {
        var answer = await live.PromoteAsync(request, cancellation);
        return answer.Promoted is { } promotion ? new StandingModel(promotion, request.Package) : (DeskRefusal.Conflict, answer.Refusal!);
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
