using Inference.Runtime;

namespace Appliance.Models;

/// <summary>A thread of its own at a low priority, for work that must not slow an inspection down. It ends with the work.</summary>
internal static class QuietThread
{
    public static Task RunAsync(Action work) => RunAsync(() =>
    {
        work();
        return true;
    });

    // What comes after the work goes on elsewhere, or it would be as slow.
    public static Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            LowPriority.Enter();
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }) { IsBackground = true, Name = "quiet" }.Start();
        return done.Task;
    }
}
