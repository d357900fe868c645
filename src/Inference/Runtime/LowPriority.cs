using System.Runtime.InteropServices;

namespace Inference.Runtime;

/// <summary>Lets inspection have the processors first. On Linux each thread has a priority, which it hands on to the threads that it makes and cannot take back.</summary>
public static partial class LowPriority
{
    private const int Nice = 10;

    /// <summary>For the calling thread: nice 10. A refusal is no reason to fail; the work is then only as urgent as its maker.</summary>
    public static void Enter() => _ = SetPriority(0, 0, Nice);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
