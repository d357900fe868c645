using System.Runtime.InteropServices;

namespace Appliance.Models;

/// <summary>A thread of its own at a low priority, for work that must not slow an inspection down. A thread cannot take its priority back, so it ends with the work.</summary>
internal static partial class QuietThread
{
    private const int OneThread = 0;
    private const int Nice = 10;

    public static Task<T> RunAsync<T>(Func<T> work) => Task.Factory.StartNew(
        () =>
        {
            // 0 is the calling thread: on Linux each has a priority. Refused, the work is only less quiet.
            _ = SetPriority(OneThread, 0, Nice);
            return work();
        },
        CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
