using Inference.Packages;
using Inference.Runtime;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Heads;

/// <summary>
/// A head that judges many embeddings in one run: <c>embedding</c> float [N,D] in; <c>probabilities</c> [N,C] and <c>distance</c> [N] out. For looking back over what was
/// kept; the line's own answers come from <see cref="HeadSession"/>, one at a time, and may differ in the last bits. Owns its native memory. One user at a time.
/// </summary>
public sealed class HeadBatch : IDisposable
{
    private readonly BoundHead head;

    /// <summary>Loads a package's head; its bytes are not kept.</summary>
    /// <param name="size">N, embeddings a run.</param>
    /// <exception cref="NetworkException">Damaged, no head, or for another embedding or number of classes.</exception>
    public HeadBatch(ModelPackage package, int size)
    {
        ArgumentNullException.ThrowIfNull(package);
        var manifest = package.Manifest;
        head = new BoundHead(package.Head, size, manifest.Embedding.Length, manifest.Classes.Count, RuntimeOptions.Default);
    }

    /// <summary>[N,D], to be filled before a run. What a shorter run leaves unused may hold anything.</summary>
    public Span<float> Embeddings => head.Embeddings;

    /// <summary>[N,C] of the last run.</summary>
    public ReadOnlySpan<float> Probabilities => head.Probabilities;

    /// <summary>[N] of the last run.</summary>
    public ReadOnlySpan<float> Distances => head.Distances;

    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    public void Run() => head.Run();

    public void Dispose() => head.Dispose();
}
