using System.Runtime.InteropServices;

namespace Inference.Runtime;

/// <summary>Lets inspection have the processors first. On Linux each thread has a priority, which it hands on to the threads that it makes and cannot take back.</summary>
public static partial class LowPriority
{
    private const int Nice = 10;

    /// <summary>For the calling thread: nice 10. A refusal is no reason to fail; the work is then only as urgent as its maker.</summary>
    public static void Enter() => _ = SetPriority(0, 0, Nice);

    /// <summary>The same work on several threads of low priority at once; returns when all are done, and throws what the first of them threw.</summary>
    public static void Run(int threads, Action work)
    {
        var errors = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        var all = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            Enter();
            try
            {
                work();
            }
            catch (Exception e)
            {
                errors.Enqueue(e);
            }
        }) { IsBackground = true, Name = "quiet" }).ToList();
        all.ForEach(t => t.Start());
        all.ForEach(t => t.Join());
        if (errors.TryPeek(out var first)) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
