using Inference.Decisions;

namespace Appliance.Training;

/// <summary>What the gate says of a candidate.</summary>
internal sealed record GateVerdict(bool Passes, string Reason);

/// <summary>What a model that has not seen a part says of it: its most probable class, and the verdict by its policy.</summary>
internal sealed record ModelAnswer(string Class, Verdict Verdict);

/// <summary>One labelled part with the answers of candidate and live model; null without a live one.</summary>
internal sealed record PartAnswer(string Part, string Label, bool IsGood, ModelAnswer Candidate, ModelAnswer? Live);

/// <summary>
/// Compares candidate and live model on every labelled part, each without having seen it: out-of-fold where it was trained on,
/// directly where it came later. A candidate passes when its macro-F1 is no lower, no class with enough parts loses recall, and by their policies
/// it passes no more bad parts and sends not many more parts to a person.
/// </summary>
internal static class Gate
{
    /// <summary>A class has a veto from so many parts on.</summary>
    public const int VetoParts = 10;

    /// <summary>Recall that a class may lose to chance before it vetoes: one part in twenty.</summary>
    public const double VetoRecall = 0.05;

    /// <summary>Share of the parts by which reviews may rise.</summary>
    public const double MoreReviews = 0.1;

    public static GateVerdict Judge(IReadOnlyList<PartAnswer> answers, bool hasLive)
    {
        if (answers.Count == 0) return new(false, "no labelled part is left that the candidate has not seen: more labels are needed");
        var classes = answers.Select(a => a.Label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var candidate = MacroF1.Of([.. answers.Select(a => (a.Label, (string?)a.Candidate.Class))]);
        if (!hasLive)
        {
            // Naming one class for everything never reaches more.
            var chance = 1.0 / classes.Count;
            return candidate > chance
                ? new(true, FormattableString.Invariant($"first model: macro-F1 {candidate:F3} on {answers.Count} unseen parts, above chance ({chance:F3})"))
                : new(false, FormattableString.Invariant($"macro-F1 {candidate:F3} on {answers.Count} unseen parts is no better than chance ({chance:F3}): more labels are needed"));
        }

        var live = MacroF1.Of([.. answers.Select(a => (a.Label, a.Live?.Class))]);
        foreach (var name in classes)
        {
            var parts = answers.Where(a => a.Label == name).ToList();
            if (parts.Count < VetoParts) continue;
            var (before, after) = (parts.Count(a => a.Live?.Class == name), parts.Count(a => a.Candidate.Class == name));
            if (before - after > VetoRecall * parts.Count)
                return new(false, FormattableString.Invariant($"recall of '{name}' falls from {before} to {after} of {parts.Count} parts"));
        }

        if (RefuseVerdicts(answers) is { } worse) return new(false, worse);
        var figures = FormattableString.Invariant($"macro-F1 {candidate:F3} against {live:F3} of the live model on the same {answers.Count} unseen parts");
        return candidate >= live ? new(true, figures) : new(false, figures);
    }

    // A head may name every class right and yet decide nothing.
    private static string? RefuseVerdicts(IReadOnlyList<PartAnswer> answers)
    {
        var bad = answers.Where(a => !a.IsGood).ToList();
        var (escapedBefore, escaped) = (bad.Count(a => a.Live?.Verdict == Verdict.Ok), bad.Count(a => a.Candidate.Verdict == Verdict.Ok));
        if (bad.Count >= VetoParts && escaped - escapedBefore > VetoRecall * bad.Count)
            return FormattableString.Invariant($"bad parts passed as good rise from {escapedBefore} to {escaped} of {bad.Count}");
        var (reviewedBefore, reviewed) = (answers.Count(a => a.Live?.Verdict == Verdict.Unsure), answers.Count(a => a.Candidate.Verdict == Verdict.Unsure));
        return answers.Count >= VetoParts && reviewed - reviewedBefore > MoreReviews * answers.Count
            ? FormattableString.Invariant($"parts that a person must look at rise from {reviewedBefore} to {reviewed} of {answers.Count}")
            : null;
    }

    /// <summary>Answers a part: probabilities of its samples (one at least) averaged, the most probable class taken.</summary>
    public static string MostProbable(IEnumerable<IReadOnlyList<float>> samples, IReadOnlyList<string> classes)
    {
        var sum = new double[classes.Count];
        foreach (var probabilities in samples)
        {
            for (var i = 0; i < sum.Length; i++) sum[i] += probabilities[i];
        }

        return classes[Array.IndexOf(sum, sum.Max())];
    }
}
