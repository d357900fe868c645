using Inference.Runtime;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Heads;

/// <summary>
/// A head that is loaded: <c>embedding</c> float [1,D] in; <c>logits</c> [1,C], <c>probabilities</c> [1,C] and <c>distance</c> [1] out.
/// Bound once; a run allocates nothing. Owns its native memory. Not safe for concurrent use: one for each user.
/// </summary>
public sealed class HeadSession : IDisposable
{
    private const string InputName = "embedding";
    private const string LogitsName = "logits";
    private const string ProbabilitiesName = "probabilities";
    private const string DistanceName = "distance";
    private const string What = "the head";

    private readonly InferenceSession session;
    private readonly NativeTensor<float> embedding;
    private readonly NativeTensor<float> logits;
    private readonly NativeTensor<float> probabilities;
    private readonly NativeTensor<float> distance;
    private readonly OrtIoBinding binding;
    private readonly RunOptions run = new();

    private HeadSession(InferenceSession session, int embeddingLength, int classCount)
    {
        this.session = session;
        embedding = new NativeTensor<float>(TensorElementType.Float, 1, embeddingLength);
        logits = new NativeTensor<float>(TensorElementType.Float, 1, classCount);
        probabilities = new NativeTensor<float>(TensorElementType.Float, 1, classCount);
        distance = new NativeTensor<float>(TensorElementType.Float, 1);
        binding = session.CreateIoBinding();
        binding.BindInput(InputName, embedding.Value);
        binding.BindOutput(LogitsName, logits.Value);
        binding.BindOutput(ProbabilitiesName, probabilities.Value);
        binding.BindOutput(DistanceName, distance.Value);
    }

    /// <summary>D, the number of values that it reads.</summary>
    public int EmbeddingLength => embedding.Span.Length;

    /// <summary>Loads a head; its bytes are not kept.</summary>
    /// <param name="options">Where it may run. A head is too small for more than one thread or for an accelerator, whatever they say.</param>
    /// <exception cref="NetworkException">Damaged, no head, or for another embedding or number of classes.</exception>
    public static HeadSession Load(byte[] onnx, int embeddingLength, int classCount, RuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        ArgumentNullException.ThrowIfNull(options);
        var small = options with { Threads = 1, AllowAccelerator = false };
        var (session, _) = OnnxSession.Open(What, small, made => new InferenceSession(onnx, made));
        try
        {
            GraphContract.Input(What, session, InputName, TensorElementType.Float, 1, embeddingLength);
            GraphContract.Output(What, session, LogitsName, 1, classCount);
            GraphContract.Output(What, session, ProbabilitiesName, 1, classCount);
            GraphContract.Output(What, session, DistanceName, 1);
            return new HeadSession(session, embeddingLength, classCount);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Judges one embedding.</summary>
    /// <param name="values">[D], the whole embedding.</param>
    /// <exception cref="ArgumentException">Another length than the head reads.</exception>
    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    public HeadOutput Run(ReadOnlySpan<float> values)
    {
        var input = embedding.Span;
        if (values.Length != input.Length)
            throw new ArgumentException($"The embedding has {values.Length} values; the head reads {input.Length}.", nameof(values));
        values.CopyTo(input);
        session.RunWithBinding(run, binding);
        return new HeadOutput(logits.Span, probabilities.Span, distance.Span[0]);
    }

    public void Dispose()
    {
        binding.Dispose();
        embedding.Dispose();
        logits.Dispose();
        probabilities.Dispose();
        distance.Dispose();
        run.Dispose();
        session.Dispose();
    }
}
