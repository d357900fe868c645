using Inference.Runtime;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Heads;

/// <summary>
/// A head that judges many embeddings in one run: <c>embedding</c> float [N,D] in; <c>probabilities</c> [N,C] and <c>distance</c> [N] out. For looking back over what was
/// kept; the line's own answers come from <see cref="HeadSession"/>, one at a time, and may differ in the last bits. Owns its native memory. One user at a time.
/// </summary>
public sealed class HeadBatch : IDisposable
{
    private const string What = "the head";
    private readonly InferenceSession session;
    private readonly NativeTensor<float> embeddings;
    private readonly NativeTensor<float> probabilities;
    private readonly NativeTensor<float> distances;
    private readonly OrtIoBinding binding;
    private readonly RunOptions run = new();

    /// <summary>Loads a head; its bytes are not kept.</summary>
    /// <param name="size">N, embeddings a run.</param>
    /// <exception cref="NetworkException">Damaged, no head, or for another embedding or number of classes.</exception>
    public HeadBatch(byte[] onnx, int size, int embeddingLength, int classCount)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        var one = new RuntimeOptions { Threads = 1, AllowAccelerator = false };
        (session, _) = OnnxSession.Open(What, one, made => new InferenceSession(onnx, made), batch: size);
        try
        {
            GraphContract.Input(What, session, "embedding", TensorElementType.Float, size, embeddingLength);
            GraphContract.Output(What, session, "probabilities", size, classCount);
            GraphContract.Output(What, session, "distance", size);
        }
        catch
        {
            session.Dispose();
            throw;
        }

        embeddings = new NativeTensor<float>(TensorElementType.Float, size, embeddingLength);
        probabilities = new NativeTensor<float>(TensorElementType.Float, size, classCount);
        distances = new NativeTensor<float>(TensorElementType.Float, size);
        binding = session.CreateIoBinding();
        binding.BindInput("embedding", embeddings.Value);
        binding.BindOutput("probabilities", probabilities.Value);
        binding.BindOutput("distance", distances.Value);
    }

    /// <summary>[N,D], to be filled before a run. What a shorter run leaves unused may hold anything.</summary>
    public Span<float> Embeddings => embeddings.Span;

    /// <summary>[N,C] of the last run.</summary>
    public ReadOnlySpan<float> Probabilities => probabilities.Span;

    /// <summary>[N] of the last run.</summary>
    public ReadOnlySpan<float> Distances => distances.Span;

    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    public void Run() => session.RunWithBinding(run, binding);

    public void Dispose()
    {
        binding.Dispose();
        embeddings.Dispose();
        probabilities.Dispose();
        distances.Dispose();
        run.Dispose();
        session.Dispose();
    }
}
