using System.Runtime.InteropServices;
using Inference.Runtime;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Heads;

/// <summary>A head's session with its tensors, bound once for N embeddings a run; a run allocates nothing. Owns its native memory. One user at a time.</summary>
internal sealed class BoundHead : IDisposable
{
    private const string What = "the head";
    private const string EmbeddingName = "embedding";
    private const string LogitsName = "logits";
    private const string ProbabilitiesName = "probabilities";
    private const string DistanceName = "distance";

    private readonly InferenceSession session;
    private readonly NativeTensor<float> embeddings;
    private readonly NativeTensor<float> logits;
    private readonly NativeTensor<float> probabilities;
    private readonly NativeTensor<float> distances;
    private readonly OrtIoBinding binding;
    private readonly RunOptions run = new();

    /// <param name="size">N, embeddings a run.</param>
    /// <param name="options">Where it may run. A head is too small for more than one thread or for an accelerator, whatever they say.</param>
    /// <exception cref="NetworkException">Damaged, no head, or for another embedding or number of classes.</exception>
    public BoundHead(ReadOnlyMemory<byte> onnx, int size, int embeddingLength, int classCount, RuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (session, _) = OnnxSession.Open(What, options with { Threads = 1, AllowAccelerator = false }, made => new InferenceSession(Whole(onnx), made), batch: size);
        try
        {
            GraphContract.Input(What, session, EmbeddingName, TensorElementType.Float, size, embeddingLength);
            GraphContract.Output(What, session, LogitsName, size, classCount);
            GraphContract.Output(What, session, ProbabilitiesName, size, classCount);
            GraphContract.Output(What, session, DistanceName, size);
        }
        catch
        {
            session.Dispose();
            throw;
        }

        embeddings = new NativeTensor<float>(TensorElementType.Float, size, embeddingLength);
        logits = new NativeTensor<float>(TensorElementType.Float, size, classCount);
        probabilities = new NativeTensor<float>(TensorElementType.Float, size, classCount);
        distances = new NativeTensor<float>(TensorElementType.Float, size);
        binding = session.CreateIoBinding();
        binding.BindInput(EmbeddingName, embeddings.Value);
        binding.BindOutput(LogitsName, logits.Value);
        binding.BindOutput(ProbabilitiesName, probabilities.Value);
        binding.BindOutput(DistanceName, distances.Value);
    }

    /// <summary>[N,D], to be filled before a run.</summary>
    public Span<float> Embeddings => embeddings.Span;

    /// <summary>[N,C] of the last run.</summary>
    public ReadOnlySpan<float> Logits => logits.Span;

    /// <summary>[N,C] of the last run.</summary>
    public ReadOnlySpan<float> Probabilities => probabilities.Span;

    /// <summary>[N] of the last run.</summary>
    public ReadOnlySpan<float> Distances => distances.Span;

    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    public void Run() => session.RunWithBinding(run, binding);

    // ONNX Runtime takes an array, and only reads it: the package's own.
    private static byte[] Whole(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var of) && of.Count == of.Array!.Length ? of.Array : bytes.ToArray();

    public void Dispose()
    {
        binding.Dispose();
        embeddings.Dispose();
        logits.Dispose();
        probabilities.Dispose();
        distances.Dispose();
        run.Dispose();
        session.Dispose();
    }
}
