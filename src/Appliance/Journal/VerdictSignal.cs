namespace Appliance.Journal;

/// <summary>Wakes readers when a verdict is committed. Costs a commit nothing while nobody waits.</summary>
internal sealed class VerdictSignal
{
    private TaskCompletionSource? next;

    /// <summary>Ask for this before looking whether something is there, or the signal can be missed.</summary>
    public Task Next()
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref next, mine, null) ?? mine).Task;
    }

    public void Raise()
    {
        // The exchange is a full barrier: a reader that came later sees the commit.
        if (Volatile.Read(ref next) is not null) Interlocked.Exchange(ref next, null)?.TrySetResult();
    }
}
