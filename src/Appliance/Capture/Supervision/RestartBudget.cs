namespace Appliance.Capture.Supervision;

/// <summary>How often, and how soon, a source that failed is opened again. One thread.</summary>
/// <param name="limit">Restarts within the window.</param>
internal sealed class RestartBudget(int limit, TimeSpan window, TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private readonly Queue<long> restarts = new();

    /// <summary>Takes one restart; the time to wait before it, twice as long each time in the window, give or take a quarter. Null when the budget is used up.</summary>
    public TimeSpan? Take()
    {
        while (restarts.TryPeek(out var oldest) && time.GetElapsedTime(oldest) >= window) restarts.Dequeue();
        if (restarts.Count >= limit) return null;

        // Stations that lose one camera switch together must not come back all at once.
        var wait = First * Math.Pow(2, restarts.Count) * (0.75 + 0.5 * Random.Shared.NextDouble());
        restarts.Enqueue(time.GetTimestamp());
        return wait < Longest ? wait : Longest;
    }

    /// <summary>The whole budget again.</summary>
    public void Clear() => restarts.Clear();
}
