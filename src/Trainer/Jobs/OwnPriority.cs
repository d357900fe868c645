using System.Runtime.InteropServices;

namespace Trainer.Jobs;

/// <summary>Training yields to inspection: lower priority, half of the processors.</summary>
internal static partial class OwnPriority
{
    private const int Nice = 10;

    /// <summary>For the whole process: called first, since threads take it over from the one that makes them.</summary>
    public static void Lower()
    {
        // A refusal is no reason to fail: the job is then as urgent as its parent.
        _ = SetPriority(0, 0, Nice);
    }

    /// <summary>Threads for the arithmetic.</summary>
    public static int Threads => Math.Clamp(Environment.ProcessorCount / 2, 1, 8);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
