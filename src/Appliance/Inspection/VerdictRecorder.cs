using Appliance.Journal;
using Inference.Decisions;

namespace Appliance.Inspection;

/// <summary>
/// Where a verdict becomes one: committed to a journal that may fail, counted, and told to who waits. What was triggered waits until it is recorded:
/// as FAULT <c>disk</c>, because its part has moved on. A picture of free run is counted instead, for nobody asked. Any thread.
/// </summary>
internal sealed class VerdictRecorder(StationJournal journal, OpenTriggers triggers, InspectionStatistics statistics, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly ManualResetEvent stopping = new(false);

    /// <summary>The verdict as it was committed, with its identity; null when it was not, because nothing can be recorded or its trigger has a verdict already: that is counted as late.</summary>
    /// <param name="grabbed">Timestamp that its latency runs from.</param>
    public VerdictMessage? Record(VerdictMessage verdict, long grabbed)
    {
        while (true)
        {
            try
            {
                return journal.TryCommit(verdict, out var id) ? Committed(verdict with { Epoch = id.Epoch, Sequence = id.Sequence }, grabbed) : CameLate();
            }
            catch (JournalException e) when (verdict.Trigger is null)
            {
                Pass(e.Message);
                return null;
            }
            catch (JournalException e)
            {
                // Without a verdict in the journal, the next start answers it as interrupted.
                if (stopping.WaitOne(Pause)) return null;
                verdict = Late(verdict, time.GetElapsedTime(grabbed), e.Message);
            }
        }
    }

    /// <summary>Whether a picture of free run need not be looked at, because nothing can be recorded; it is counted.</summary>
    public bool Passes()
    {
        if (journal.Trouble is not { } trouble) return false;
        Pass(trouble);
        return true;
    }

    /// <summary>From now on nothing waits for the journal. Any thread.</summary>
    public void StopWaiting() => stopping.Set();

    public void Dispose() => stopping.Dispose();

    private VerdictMessage Committed(VerdictMessage verdict, long grabbed)
    {
        statistics.Committed(new(verdict.Epoch, verdict.Sequence), verdict.Verdict, grabbed, verdict.Reason);
        if (verdict.Trigger is { } trigger) triggers.Answer(trigger, verdict);
        return verdict;
    }

    private VerdictMessage? CameLate()
    {
        statistics.CameLate();
        return null;
    }

    private void Pass(string why) => journal.Unrecorded.Add(time.GetUtcNow(), why);

    private static VerdictMessage Late(VerdictMessage verdict, TimeSpan since, string why) => verdict.Verdict == Verdict.Fault
        ? verdict with { LatencyMs = verdict.LatencyMs with { Total = Math.Round(since.TotalMilliseconds, 3) } }
        : verdict with
        {
            Verdict = Verdict.Fault,
            Class = null,
            Probability = 0,
            Distance = 0,
            Reason = Reasons.Disk,
            Detail = "Its verdict could not be recorded in time: " + why,
            Model = null,
            Policy = null,
            LatencyMs = verdict.LatencyMs with { Total = Math.Round(since.TotalMilliseconds, 3) },
        };
}
