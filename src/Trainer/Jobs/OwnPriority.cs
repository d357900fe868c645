using Inference.Runtime;

namespace Trainer.Jobs;

/// <summary>Training yields to inspection: lower priority, half of the processors.</summary>
internal static class OwnPriority
{
    /// <summary>For the whole process: called first, since threads take it over from the one that makes them.</summary>
    public static void Lower() => LowPriority.Enter();

    /// <summary>Threads for the arithmetic.</summary>
    public static int Threads => Math.Clamp(Environment.ProcessorCount / 2, 1, 8);
}
