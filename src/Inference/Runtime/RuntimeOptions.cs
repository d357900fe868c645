namespace Inference.Runtime;

/// <summary>How ONNX Runtime uses the machine.</summary>
/// <remarks>
/// The defaults rest on <c>dotnet run --project tests/Benchmarks -c Release -- runtime</c>; see docs/decisions/006-session-threads-sleep.md. In short, on two
/// processors: two threads take 6 ms where one takes 10. Spinning wins another 1 ms on an idle machine, but triples the processor
/// time when pictures come with breaks between them, and a training process beside it turns 10 ms at p99 into 30.
/// </remarks>
public sealed record RuntimeOptions
{
    /// <summary>Most threads that can be asked for.</summary>
    public const int MaxThreads = 64;

    public static RuntimeOptions Default { get; } = new();

    /// <summary>Threads of one session, the caller's included; 1..<see cref="MaxThreads"/>. Default: one a processor, at most 4.</summary>
    public int Threads { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 4);

    /// <summary>Whether idle threads of a session spin for a while before they sleep. Default: no.</summary>
    public bool AllowSpinning { get; init; }

    /// <summary>Whether an accelerator is taken when there is one. Default: yes.</summary>
    public bool AllowAccelerator { get; init; } = true;
}
