using Inference.Runtime;
using Microsoft.ML.OnnxRuntime;

namespace Benchmarks;

/// <summary>What the product is held against: nothing but <c>Run</c> of the float-input graph on an input that is ready, with the same session options.</summary>
internal sealed class FloatBaseline : IDisposable
{
    private static readonly string[] Inputs = ["image"];
    private static readonly string[] Outputs = ["embedding"];
    private readonly InferenceSession session;
    private readonly OrtValue[] values;
    private readonly RunOptions run = new();

    public FloatBaseline(byte[] onnx, RuntimeOptions options)
    {
        using var sessionOptions = new SessionOptions { IntraOpNumThreads = options.Threads };
        sessionOptions.AddSessionConfigEntry("session.intra_op.allow_spinning", options.AllowSpinning ? "1" : "0");
        session = new InferenceSession(onnx, sessionOptions);
        var random = new Random(1);
        var image = new float[3 * BenchmarkNetworks.SizePx * BenchmarkNetworks.SizePx];
        for (var i = 0; i < image.Length; i++) image[i] = ((float)random.NextDouble() * 2) - 1;
        values = [OrtValue.CreateTensorValueFromMemory(image, [1, 3, BenchmarkNetworks.SizePx, BenchmarkNetworks.SizePx])];
    }

    public void Run()
    {
        using var results = session.Run(run, Inputs, values, Outputs);
    }

    public void Dispose()
    {
        values[0].Dispose();
        run.Dispose();
        session.Dispose();
    }
}
