using Inference.Decisions;

namespace Appliance.Samples;

/// <summary>Which inspections are worth a picture: every NG, UNSURE and FAULT with one, a random share of OK, each within its limit a minute. Called by the judging thread alone.</summary>
internal sealed class SamplePolicy(SamplingOptions options, TimeProvider time, Random random)
{
    private readonly Dictionary<Verdict, (long Start, int Count)> minutes = [];
    private long beyondLimit;

    /// <summary>What <see cref="TryTake"/> refused since the start. May be read by any thread.</summary>
    public long BeyondLimit => Interlocked.Read(ref beyondLimit);

    /// <summary>Why it is wanted (<c>verdict</c>, <c>audit</c>), or null.</summary>
    public string? WhyWanted(Verdict verdict) => verdict != Verdict.Ok ? "verdict" : random.NextDouble() < options.OkShare ? "audit" : null;

    /// <summary>Takes a place of this minute, if there is one. Asked last: what is not kept for another reason takes none from those that come after it.</summary>
    public bool TryTake(Verdict verdict)
    {
        var now = time.GetTimestamp();
        var minute = minutes.GetValueOrDefault(verdict);
        if (minute.Count == 0 || time.GetElapsedTime(minute.Start, now) >= TimeSpan.FromMinutes(1)) minute = (now, 0);
        if (minute.Count >= options.MaxPerMinute)
        {
            Interlocked.Increment(ref beyondLimit);
            return false;
        }

        minutes[verdict] = (minute.Start, minute.Count + 1);
        return true;
    }
}
