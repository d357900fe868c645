using Inference.Packages;
using Inference.Runtime;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Heads;

/// <summary>
/// A head that is loaded: <c>embedding</c> float [1,D] in; <c>logits</c> [1,C], <c>probabilities</c> [1,C] and <c>distance</c> [1] out.
/// Bound once; a run allocates nothing. Owns its native memory. Not safe for concurrent use: one for each user.
/// </summary>
public sealed class HeadSession : IDisposable
{
    private readonly BoundHead head;

    private HeadSession(BoundHead head) => this.head = head;

    /// <summary>D, the number of values that it reads.</summary>
    public int EmbeddingLength => head.Embeddings.Length;

    /// <summary>Loads a package's head; its bytes are not kept.</summary>
    /// <param name="options">Where it may run. A head is too small for more than one thread or for an accelerator, whatever they say.</param>
    /// <exception cref="NetworkException">Damaged, no head, or for another embedding or number of classes.</exception>
    public static HeadSession Load(ModelPackage package, RuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(package);
        return Load(package.Head, package.Manifest.Embedding.Length, package.Manifest.Classes.Count, options);
    }

    /// <summary>Loads a head that is in no package yet; its bytes are not kept.</summary>
    /// <param name="options">As above.</param>
    /// <exception cref="NetworkException">Damaged, no head, or for another embedding or number of classes.</exception>
    public static HeadSession Load(ReadOnlyMemory<byte> onnx, int embeddingLength, int classCount, RuntimeOptions options) =>
        new(new BoundHead(onnx, 1, embeddingLength, classCount, options));

    /// <summary>Judges one embedding.</summary>
    /// <param name="values">[D], the whole embedding.</param>
    /// <exception cref="ArgumentException">Another length than the head reads.</exception>
    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    public HeadOutput Run(ReadOnlySpan<float> values)
    {
        var input = head.Embeddings;
        if (values.Length != input.Length)
            throw new ArgumentException($"The embedding has {values.Length} values; the head reads {input.Length}.", nameof(values));
        values.CopyTo(input);
        head.Run();
        return new HeadOutput(head.Logits, head.Probabilities, head.Distances[0]);
    }

    public void Dispose() => head.Dispose();
}
