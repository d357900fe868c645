using Microsoft.ML.OnnxRuntime;

namespace Inference.Runtime;

/// <summary>
/// The execution providers that this build of ONNX Runtime may use, best first: TensorRT, CUDA, CPU. That a provider is
/// in the package does not say that its driver and libraries are on the machine: only appending it shows that.
/// </summary>
public static class ExecutionProviders
{
    private static readonly Candidate[] BestFirst =
    [
        new("TensorRT", "TensorrtExecutionProvider", options => options.AppendExecutionProvider_Tensorrt(0)),
        new("CUDA", "CUDAExecutionProvider", options => options.AppendExecutionProvider_CUDA(0)),
        new("CPU", "CPUExecutionProvider", _ => { }),
    ];

    /// <summary>Names of what is compiled into the package, best first.</summary>
    public static IReadOnlyList<string> Present => [.. In(OrtEnv.Instance().GetAvailableProviders()).Select(candidate => candidate.Name)];

    internal static IEnumerable<Candidate> In(IReadOnlyCollection<string> available) =>
        BestFirst.Where(candidate => available.Contains(candidate.OrtName, StringComparer.Ordinal));

    /// <summary>One provider, and how it is added to a session's options; adding throws where it cannot be used.</summary>
    internal sealed record Candidate(string Name, string OrtName, Action<SessionOptions> Append)
    {
        public bool IsAccelerator => Name != "CPU";
    }
}
