namespace Appliance.Capture.Supervision;

/// <summary>
/// When a source that failed is opened again: soon while the budget lasts, then, in the camera's safe state, once a
/// <see cref="CameraOptions.RestartWindow"/>, so that a camera that comes back is used again without a person. One thread, but for <see cref="Hasten"/>.
/// </summary>
/// <param name="mayOpen">False while too many openings hang: then nobody's word opens one more.</param>
internal sealed class Restarts(CameraOptions options, Func<bool> mayOpen, TimeProvider time) : IDisposable
{
    private readonly RestartBudget budget = new(options.RestartLimit, options.RestartWindow, time);
    private readonly Wake wake = new(time);
    private TimeSpan wait;
    private bool startsOver;
    private bool safe;
    private volatile bool hastened;

    /// <summary>A person wants it now, with the whole budget again; any thread.</summary>
    public void Hasten()
    {
        hastened = true;
        wake.Set();
    }

    /// <summary>The source delivers: the safe state is over, and what a person asked for is done.</summary>
    public void Delivers() => safe = hastened = false;

    /// <summary>The source has failed. The time until it is opened again; null in the safe state.</summary>
    /// <param name="givesAgain">It would give its first pictures once more: only a person may want that.</param>
    public TimeSpan? Plan(bool givesAgain)
    {
        startsOver = givesAgain;
        TimeSpan? next = safe || startsOver || !mayOpen() ? null : budget.Take();
        safe = next is null;
        wait = next ?? options.RestartWindow;
        return next;
    }

    /// <summary>Blocks until the source is to be opened again; true where a person asked.</summary>
    public bool Wait(CancellationToken cancellation)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            if (hastened && mayOpen()) break;
            var left = wait - time.GetElapsedTime(since);
            if (left > TimeSpan.Zero) wake.Wait(left, cancellation);
            else if (!safe || (!startsOver && mayOpen())) return false;
            else since = time.GetTimestamp();
        }

        safe = hastened = false;
        budget.Clear();
        return true;
    }

    public void Dispose() => wake.Dispose();
}
