using Inference.Embeddings;
using Inference.Heads;
using Inference.Packages;
using Inference.Runtime;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Slots;

/// <summary>A candidate that may be published, or the reason why it is refused. Exactly one is set.</summary>
public readonly record struct LoadResult(LoadedModel? Model, string? Reason);

/// <summary>
/// The place of the live model. Inspections lease it; a swap publishes another one atomically, and the old one goes with its last
/// lease. Leasing takes no lock and allocates nothing. Safe for several threads.
/// </summary>
public sealed class ModelSlot(EmbeddingSpec embedding, RuntimeOptions options) : IDisposable
{
    private LoadedModel? current;

    /// <summary>Id of the live model; null while there is none.</summary>
    public string? CurrentId => Volatile.Read(ref current)?.ModelId;

    /// <summary>Takes the live model for one inspection; not <see cref="ModelLease.Held"/> while there is none.</summary>
    public ModelLease Lease()
    {
        while (Volatile.Read(ref current) is { } model)
        {
            // Between the read and the reference the model may have been swapped out and disposed: then another one is there.
            if (model.TryAddReference()) return new ModelLease(model);
            if (ReferenceEquals(Volatile.Read(ref current), model)) throw new ObjectDisposedException(nameof(LoadedModel), "The live model was disposed by someone else than its slot.");
        }

        return default;
    }

    /// <summary>Loads a candidate beside the live model, and runs it on its canaries, which also warms it up. The live model is not touched.</summary>
    public LoadResult Load(ModelPackage candidate)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        var manifest = candidate.Manifest;
        if (manifest.Embedding.Identity != embedding.Identity)
            return new(null, $"Model {candidate.ModelId} reads embeddings {manifest.Embedding.Identity}, the station computes {embedding.Identity}: backbone, region or size differ.");
        HeadSession head;
        try
        {
            head = HeadSession.Load(candidate, options);
        }
        catch (Exception e) when (e is NetworkException or OnnxRuntimeException)
        {
            return new(null, $"Model {candidate.ModelId}: {e.Message}");
        }

        try
        {
            if (Canaries.Refuse(head, manifest) is not { } refusal) return new(new LoadedModel(candidate, head), null);
            head.Dispose();
            return new(null, $"Model {candidate.ModelId}: {refusal}");
        }
        catch
        {
            head.Dispose();
            throw;
        }
    }

    /// <summary>Makes the model live from the next lease on. The slot takes it over; the old one is disposed with its last lease.</summary>
    public void Publish(LoadedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var before = Interlocked.Exchange(ref current, model);
        if (!ReferenceEquals(before, model)) before?.Dispose();
    }

    /// <summary>No model is live from the next lease on; the one that was is disposed with its last lease.</summary>
    public void Clear() => Interlocked.Exchange(ref current, null)?.Dispose();

    public void Dispose() => Clear();
}
