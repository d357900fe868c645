namespace Inference.Runtime;

/// <summary>How ONNX Runtime uses the machine.</summary>
public sealed record RuntimeOptions
{
    /// <summary>Most threads that can be asked for.</summary>
    public const int MaxThreads = 64;

    public static RuntimeOptions Default { get; } = new();

    /// <summary>
    /// Threads of one session, the caller's included; 1..<see cref="MaxThreads"/>. Default: every processor, at most 4.
    /// </summary>
    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>
    /// Whether idle threads of a session spin for a while instead of sleeping.
    /// </summary>
    public bool AllowSpinning { get; init; }

    /// <summary>Whether an accelerator is taken when there is one.</summary>
    public bool AllowAccelerator { get; init; } = true;
}
