namespace Appliance.Capture.Supervision;

/// <summary>Runs that were given up while their thread was in a call. Any thread.</summary>
internal sealed class HangingRuns
{
    private readonly List<SourceRun> runs = [];

    /// <summary>Those whose call has not come back yet.</summary>
    public int Count
    {
        get
        {
            lock (runs)
            {
                runs.RemoveAll(run => run.HasReturned);
                return runs.Count;
            }
        }
    }

    public void Add(SourceRun run)
    {
        lock (runs)
            if (!runs.Contains(run)) runs.Add(run);
    }
}
