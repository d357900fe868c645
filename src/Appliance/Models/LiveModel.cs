using System.Diagnostics;
using Appliance.Journal;
using Appliance.Samples;
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
            var loaded = Load(promotion.Model);
            if (loaded.Model is not { } model)
            {
                broken ??= promotion;
                logger.NotRestored(promotion.Model, loaded.Reason!);
                continue;
            }

            var promoted = promotion;
            if (broken is not null) promoted = await RecordAsync(model, broken.Model, "appliance", $"model {broken.Model} was live and cannot be loaded", cancellation);
            slot.Publish(model);
            Settle(promoted);
            logger.Restored(promoted.Model, promoted.By);
            return;
        }
    }

    /// <summary>Makes a stored model live. The reason why not, or null.</summary>
    public async Task<string?> PromoteAsync(string modelId, string by, string why, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            // A promotion over itself would leave nothing to roll back to.
            if (modelId == current?.Model) return $"Model {modelId} is live already.";
            var start = Stopwatch.GetTimestamp();
            var loaded = await QuietThread.RunAsync(() => Load(modelId));
            if (loaded.Model is not { } model) return loaded.Reason;
            var ready = Stopwatch.GetTimestamp();
            var fact = await RecordAsync(model, current?.Model, by, why, CancellationToken.None);
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

    /// <summary>Back to the model behind the live one, see <see cref="Succession"/>. The reason why not, or null.</summary>
    public Task<string?> RollbackAsync(string by, string why, CancellationToken cancellation) =>
        current is not null && Succession.Of(index.Promotions(int.MaxValue)) is [_, var behind, ..]
            ? PromoteAsync(behind.Model, by, why, cancellation)
            : Task.FromResult<string?>("There is no model before the current one.");

    public void Dispose() => turn.Dispose();

    private LoadResult Load(string modelId)
    {
        try
        {
            return slot.Load(store.Read(modelId));
        }
        catch (PackageException e)
        {
            return new(null, e.Message);
        }
    }

    private async Task<ModelPromoted> RecordAsync(LoadedModel model, string? before, string by, string why, CancellationToken cancellation)
    {
        var fact = new ModelPromoted(model.ModelId, model.PolicyId, before, by, why) { At = time.GetUtcNow() };
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
