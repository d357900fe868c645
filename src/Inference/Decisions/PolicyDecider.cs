namespace Inference.Decisions;

/// <summary>
/// Makes a verdict of a head's answer. Trouble never becomes OK: what is no answer is FAULT, what is a weak one is UNSURE.
/// Immutable, allocates nothing, safe for several threads.
/// </summary>
public sealed class PolicyDecider
{
    /// <summary>Softmax in float is right to about 1e-6 a class.</summary>
    private const float SumTolerance = 1e-3f;

    private readonly string[] classes;
    private readonly double[] thresholds;
    private readonly int good;
    private readonly double band;
    private readonly double unseenLimit;

    /// <exception cref="ArgumentException">The policy does not fit the classes.</exception>
    public PolicyDecider(IReadOnlyList<string> classes, string goodClass, DecisionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(classes);
        var errors = PolicyFile.Validate(policy, classes).ToList();
        this.classes = [.. classes];
        good = Array.IndexOf(this.classes, goodClass);
        if (good < 0) errors.Add($"the good class '{goodClass}' is none of the classes.");
        if (errors.Count > 0) throw new ArgumentException(string.Join(" ", errors), nameof(policy));
        thresholds = [.. classes.Select(c => policy.Thresholds[c])];
        (band, unseenLimit) = (policy.UnsureBand, policy.UnseenLimit);
    }

    /// <summary>Decides.</summary>
    /// <param name="probabilities">[C], calibrated, in the order of the classes.</param>
    /// <param name="distance">To what the head was trained on, in units of its policy.</param>
    public Decision Decide(ReadOnlySpan<float> probabilities, float distance)
    {
        if (probabilities.Length != classes.Length) return new(Verdict.Fault, null, 0, 0, Reasons.WrongSize);
        if (!float.IsFinite(distance)) return new(Verdict.Fault, null, 0, 0, Reasons.NotANumber);
        var (best, second, sum) = (0, float.NegativeInfinity, 0f);
        for (var i = 0; i < probabilities.Length; i++)
        {
            var p = probabilities[i];
            // Also false for NaN.
            if (!(p is >= 0 and <= 1 + SumTolerance)) return new(Verdict.Fault, null, 0, 0, Reasons.NotANumber);
            sum += p;
            if (i == 0) continue;
            if (p > probabilities[best]) (best, second) = (i, probabilities[best]);
            else if (p > second) second = p;
        }

        if (Math.Abs(sum - 1) > SumTolerance) return new(Verdict.Fault, null, 0, 0, Reasons.NotANumber);
        var (name, probability) = (classes[best], Math.Min(probabilities[best], 1));
        if (distance > unseenLimit || distance < 0) return new(Verdict.Unsure, name, probability, distance, Reasons.Unseen);
        if (probability < thresholds[best]) return new(Verdict.Unsure, name, probability, distance, Reasons.BelowThreshold);
        // A tie is never decided by the order of the classes, whatever the band.
        if (probability - second < band || probability <= second) return new(Verdict.Unsure, name, probability, distance, Reasons.TooClose);
        return new(best == good ? Verdict.Ok : Verdict.Ng, name, probability, distance, Reasons.Confident);
    }
}
