using System.Diagnostics;
using Appliance.Journal;
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
internal sealed class LiveModel(ModelSlot slot, ModelStore store, StationJournal journal, SampleIndex index, TimeProvider time, ILogger<LiveModel> logger) : IDisposable
{
    private const int SwapsKept = 100;
    private readonly SemaphoreSlim turn = new(1);
    private volatile ModelPromoted? current;
    private volatile IReadOnlyList<Swap> swaps = [];

    /// <summary>Raised after each swap.</summary>
    public event Action? Changed;

    /// <summary>The promotion of the model that judges; null while none does.</summary>
    public ModelPromoted? Current => current;

    /// <summary>The last 100 swaps since the start, oldest first.</summary>
    public IReadOnlyList<Swap> Swaps => swaps;

    /// <summary>Brings back the model that was live; where it is broken, the nearest behind it that loads, which is a promotion of its own. See <see cref="Succession"/>.</summary>
    public async Task RestoreAsync(CancellationToken cancellation)
    {
        ModelPromoted? broken = null;
        foreach (var promotion in Succession.Of(index.Promotions(int.MaxValue)))
        {
            var loaded = Load(promotion.Model, promotion.Content);
            if (loaded.Model is not { } model)
            {
                broken ??= promotion;
                logger.NotRestored(promotion.Model, loaded.Reason!);
                continue;
            }

            var promoted = promotion;
            if (broken is not null) promoted = await RecordAsync(model, promotion.Content, broken.Model, "appliance", $"model {broken.Model} was live and cannot be loaded", cancellation);
            slot.Publish(model);
            Settle(promoted);
            logger.Restored(promoted.Model, promoted.By);
            return;
        }
    }

    /// <summary>Makes a stored model live with the policy of its package. The reason why not, or null.</summary>
    public Task<string?> PromoteAsync(string modelId, string by, string why, CancellationToken cancellation) => PromoteAsync(modelId, null, by, why, cancellation);

    /// <summary>Makes a stored model live; with the model that is live already, it changes the policy, between two inspections. The reason why not, or null.</summary>
    /// <param name="policy">Null for the policy of the model's package.</param>
    public async Task<string?> PromoteAsync(string modelId, DecisionPolicy? policy, string by, string why, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            var start = Stopwatch.GetTimestamp();
            var loaded = await QuietThread.RunAsync(() => Load(modelId, policy));
            if (loaded.Model is not { } model) return loaded.Reason;
            // A promotion over itself would leave nothing to roll back to.
            if (current is { } now && (now.Model, now.Policy) == (model.ModelId, model.PolicyId))
            {
                model.Dispose();
                return policy is null ? $"Model {modelId} is live already." : $"Policy {now.Policy} is live already.";
            }

            var ready = Stopwatch.GetTimestamp();
            var fact = await RecordAsync(model, policy, current?.Model, by, why, CancellationToken.None);
            var synced = Stopwatch.GetTimestamp();
            slot.Publish(model);
            var swap = new Swap(fact.Model, fact.Policy, fact.Before, Ms(start, ready), Ms(ready, synced), Ms(synced, Stopwatch.GetTimestamp()), fact.At);
            Settle(fact);
            swaps = [.. swaps.TakeLast(SwapsKept - 1), swap];
            logger.Promoted(fact.Model, fact.Before, by, why, swap.LoadMs, swap.PublishMs);
            Changed?.Invoke();
            return null;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The live model's package, with the policy that it is live with; null while none is live.</summary>
    /// <exception cref="PackageException">It cannot be read.</exception>
    public ModelPackage? Package() => current is { } live ? store.Read(live.Model, live.Content) : null;

    /// <summary>Back to the model, or policy, behind the live one, see <see cref="Succession"/>. The reason why not, or null.</summary>
    public Task<string?> RollbackAsync(string by, string why, CancellationToken cancellation) =>
        current is not null && Succession.Of(index.Promotions(int.MaxValue)) is [_, var behind, ..]
            ? PromoteAsync(behind.Model, behind.Content, by, why, cancellation)
            : Task.FromResult<string?>("There is no model before the current one.");

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

    private async Task<ModelPromoted> RecordAsync(LoadedModel model, DecisionPolicy? policy, string? before, string by, string why, CancellationToken cancellation)
    {
        var fact = new ModelPromoted(model.ModelId, model.PolicyId, before, by, why, policy) { At = time.GetUtcNow() };
        try
        {
            await journal.AppendDurableAsync(fact, cancellation);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        return fact;
    }

    private void Settle(ModelPromoted fact)
    {
        current = fact;
        index.Apply(fact);
    }

    private static double Ms(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;
}
