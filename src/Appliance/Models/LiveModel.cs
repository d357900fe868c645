using System.Diagnostics;
using Appliance.Journal;
using Appliance.Models.MustCatch;
using Appliance.Samples;
using Inference.Decisions;
using Inference.Packages;
using Inference.Slots;
using Microsoft.Extensions.Logging;

namespace Appliance.Models;

/// <summary>How a swap went.</summary>
/// <param name="LoadMs">Load, verify, canaries and warm-up, beside the running line.</param>
/// <param name="JournalMs">Until the promotion was on disk.</param>
/// <param name="PublishMs">Until the new model was the one that is leased.</param>
internal sealed record Swap(string Model, string Policy, string? Before, double LoadMs, double JournalMs, double PublishMs, DateTimeOffset At);

/// <summary>Which model judges: the one owner of promotions. A promotion is on disk before the first verdict of the model.</summary>
internal sealed class LiveModel(ModelSlot slot, ModelStore store, StationJournal journal, SampleIndex index, MustCatchGuard mustCatch, TimeProvider time, ILogger<LiveModel> logger) : IDisposable
{
    private const int SwapsKept = 100;
    private readonly SemaphoreSlim turn = new(1);
    private volatile StandingModel? standing;
    private volatile IReadOnlyList<Swap> swaps = [];

    /// <summary>Raised after each swap.</summary>
    public event Action? Changed;

    /// <summary>The promotion of the model that judges; null while none does.</summary>
    public ModelPromoted? Current => standing?.Promotion;

    /// <summary>What judges, promotion and package of one moment; null while nothing does.</summary>
    public StandingModel? Standing => standing;

    /// <summary>The last 100 swaps since the start, oldest first.</summary>
    public IReadOnlyList<Swap> Swaps => swaps;

    /// <summary>Brings back the model that was live; where it is broken, the nearest behind it that loads, which is a promotion of its own. See <see cref="Succession"/>.</summary>
    public async Task RestoreAsync(CancellationToken cancellation)
    {
        ModelPromoted? broken = null;
        foreach (var promotion in Succession.Of([.. journal.Models.Promotions.Reverse()]))
        {
            var loaded = Load(promotion.Model, promotion.Content);
            if (loaded.Model is not { } model)
            {
                broken ??= promotion;
                logger.NotRestored(promotion.Model, loaded.Reason!);
                continue;
            }

            var promoted = promotion;
            if (broken is not null) promoted = await RecordAsync(model, broken.Model, "appliance", $"model {broken.Model} was live and cannot be loaded", null, cancellation);
            slot.Publish(model);
            standing = new(promoted, model.Package);
            logger.Restored(promoted.Model, promoted.By);
            return;
        }
    }

    /// <summary>Makes a stored model live with the policy of its package, over whatever is live. The reason why not, or null.</summary>
    public async Task<string?> PromoteAsync(string modelId, string by, string why, CancellationToken cancellation)
    {
        try
        {
            return (await PromoteAsync(new(store.Read(modelId), Current, by, why), cancellation)).Refusal;
        }
        catch (PackageException e)
        {
            return e.Message;
        }
    }

    /// <summary>Makes a model live; with the model that is live already, it changes the policy, between two inspections.</summary>
    /// <exception cref="JournalException">It cannot be recorded; what was live stays.</exception>
    public async Task<PromotionAnswer> PromoteAsync(PromotionRequest request, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            var now = Current;
            var package = request.Package;
            // The same promotion, not one of the same model and policy: what was live between may have said something else.
            if (!ReferenceEquals(now, request.Against)) return new(PromotionOutcome.Overtaken, null, Overtaken(now));
            // A promotion over itself would leave nothing to roll back to.
            if (now is not null && (now.Model, now.Policy) == (package.ModelId, package.PolicyId))
                return new(PromotionOutcome.Refused, null, package.HasOwnPolicy ? $"Model {now.Model} is live already." : $"Policy {now.Policy} is live already.");
            var start = Stopwatch.GetTimestamp();
            var (loaded, miss) = await QuietThread.RunAsync(() => mustCatch.Load(slot, package));
            if (loaded.Model is not { } model) return new(PromotionOutcome.Refused, null, loaded.Reason);
            if (miss is not null && !request.OverrideMustCatch)
            {
                model.Dispose();
                return new(PromotionOutcome.MissesMustCatch, null, $"Model {package.ModelId[..12]} with policy {package.PolicyId[..12]} is refused: {miss.Reason}. {MustCatchList.HowToOverride}");
            }

            var ready = Stopwatch.GetTimestamp();
            var fact = await RecordAsync(model, now?.Model, request.By, request.Why, miss?.Samples, CancellationToken.None);
            var synced = Stopwatch.GetTimestamp();
            slot.Publish(model);
            var swap = new Swap(fact.Model, fact.Policy, fact.Before, Ms(start, ready), Ms(ready, synced), Ms(synced, Stopwatch.GetTimestamp()), fact.At);
            standing = new(fact, package);
            swaps = [.. swaps.TakeLast(SwapsKept - 1), swap];
            logger.Promoted(fact.Model, fact.Before, fact.By, fact.Why, swap.LoadMs, swap.PublishMs);
            Changed?.Invoke();
            return new(PromotionOutcome.Promoted, fact, null);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private LoadResult Load(string modelId, DecisionPolicy? policy)
    {
        try
        {
            return slot.Load(store.Read(modelId, policy));
        }
        catch (PackageException e)
        {
            return new(null, e.Message);
        }
    }

    private async Task<ModelPromoted> RecordAsync(LoadedModel model, string? before, string by, string why, IReadOnlyList<string>? overridden, CancellationToken cancellation)
    {
        var fact = new ModelPromoted(model.ModelId, model.PolicyId, before, by, why, model.Package.HasOwnPolicy ? null : model.Package.Policy, overridden) { At = time.GetUtcNow() };
        try
        {
            await journal.AppendDurableAsync(fact, cancellation);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        index.Apply(fact);
        return fact;
    }

    private static string Overtaken(ModelPromoted? now) => now is null
        ? "What was live when this was judged is live no more."
        : $"Meanwhile {now.By} made model {now.Model[..12]} with policy {now.Policy[..12]} live ({now.Why}); this was judged against what was live before. Look at it, and ask again.";

    private static double Ms(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;
}
