using Inference.Decisions;

namespace Appliance.Samples;

/// <summary>Which inspections are worth a picture: every NG, UNSURE and FAULT with one, a random share of OK, each within its limit a minute.</summary>
internal sealed class SamplePolicy(SamplingOptions options, TimeProvider time, Random random)
{
    private readonly Dictionary<Verdict, (long Start, int Count)> minutes = [];

    /// <summary>Why it is kept (<c>verdict</c>, <c>audit</c>), or null. Called by the judging thread alone.</summary>
    public string? WhyKept(Verdict verdict)
    {
        if (verdict == Verdict.Ok && random.NextDouble() >= options.OkShare) return null;
        var now = time.GetTimestamp();
        var minute = minutes.GetValueOrDefault(verdict);
        if (minute.Count == 0 || time.GetElapsedTime(minute.Start, now) >= TimeSpan.FromMinutes(1)) minute = (now, 0);
        if (minute.Count >= options.MaxPerMinute) return null;
        minutes[verdict] = (minute.Start, minute.Count + 1);
        return verdict == Verdict.Ok ? "audit" : "verdict";
    }
}
