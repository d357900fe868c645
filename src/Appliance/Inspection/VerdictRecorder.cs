using System.Collections.Concurrent;
using Appliance.Journal;
using Inference.Decisions;

namespace Appliance.Inspection;

/// <summary>
/// Where a verdict becomes one: committed to a journal that may fail, counted, and told to who waits. Nobody is held up: a triggered one that cannot be
/// recorded is kept, as FAULT <c>disk</c>, because its part moves on, and tried again. A picture of free run is counted instead, for nobody asked. Any thread.
/// </summary>
internal sealed class VerdictRecorder(StationJournal journal, OpenTriggers triggers, InspectionStatistics statistics, TimeProvider time)
{
    // No more than two a trigger that is open: its verdict and its deadline's.
    private readonly ConcurrentQueue<(VerdictMessage Verdict, long Grabbed)> unrecorded = new();

    /// <summary>Called when there is something for <see cref="Retry"/>; on the caller's thread, so it must be quick.</summary>
    public Action? Kept { get; set; }

    /// <summary>The verdict as it was committed, with its identity; null when it was not, because nothing can be recorded or its trigger has a verdict already: that is counted as late.</summary>
    /// <param name="grabbed">Timestamp that its latency runs from.</param>
    public VerdictMessage? Record(VerdictMessage verdict, long grabbed)
    {
        try
        {
            return Commit(verdict, grabbed);
        }
        catch (JournalException e) when (verdict.Trigger is null)
        {
            Pass(e.Message);
        }
        catch (JournalException e)
        {
            unrecorded.Enqueue((Late(verdict, e.Message), grabbed));
            Kept?.Invoke();
        }

        return null;
    }

    /// <summary>Tries to record what was kept, oldest first. False while something is left: without a verdict in the journal, the next start answers it as interrupted. One thread.</summary>
    public bool Retry()
    {
        while (unrecorded.TryPeek(out var oldest))
        {
            var (verdict, grabbed) = oldest;
            try
            {
                Commit(verdict with { LatencyMs = verdict.LatencyMs with { Total = Math.Round(time.GetElapsedTime(grabbed).TotalMilliseconds, 3) } }, grabbed);
            }
            catch (JournalException)
            {
                return false;
            }

            unrecorded.TryDequeue(out _);
        }

        return true;
    }

    /// <summary>Whether a picture of free run need not be looked at, because nothing can be recorded; it is counted.</summary>
    public bool Passes()
    {
        if (journal.Trouble is not { } trouble) return false;
        Pass(trouble);
        return true;
    }

    private VerdictMessage? Commit(VerdictMessage draft, long grabbed)
    {
        if (!journal.TryCommit(draft, out var id))
        {
            statistics.CameLate();
            return null;
        }

        var verdict = draft with { Epoch = id.Epoch, Sequence = id.Sequence };
        statistics.Committed(id, verdict.Verdict, grabbed, verdict.Reason);
        if (verdict.Trigger is { } trigger) triggers.Answer(trigger, verdict);
        return verdict;
    }

    private void Pass(string why) => journal.Unrecorded.Add(time.GetUtcNow(), why);

    private static VerdictMessage Late(VerdictMessage verdict, string why) => verdict.Verdict == Verdict.Fault
        ? verdict
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
        };
}
