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
/// no larger share of what it passes is bad, and it does not leave most of what the live model decides right to a person.
/// </summary>
internal static class Gate
{
    /// <summary>A class has a veto from so many parts on.</summary>
    public const int VetoParts = 10;

    /// <summary>Recall that a class may lose to chance before it vetoes: one part in twenty.</summary>
    public const double VetoRecall = 0.05;

    /// <summary>Of the parts that the live model gives the right verdict, so many must be left to the candidate: thresholds may trade, and not collapse.</summary>
    public const double LeastRight = 0.5;

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

        var figures = FormattableString.Invariant($"macro-F1 {candidate:F3} against {live:F3} of the live model on the same {answers.Count} unseen parts");
        if (candidate < live) return new(false, figures);
        return RefuseVerdicts(answers) is { } worse ? new(false, worse) : new(true, figures);
    }

    // A head may name every class right and yet decide nothing. Escapes are compared as a share of what is passed: a head that learns to decide passes more of all kinds.
    private static string? RefuseVerdicts(IReadOnlyList<PartAnswer> answers)
    {
        var (before, after) = (Passed(answers, a => a.Live), Passed(answers, a => a.Candidate));
        if (before.Parts >= VetoParts && after.Parts >= VetoParts && (double)after.Bad / after.Parts - (double)before.Bad / before.Parts > VetoRecall)
            return FormattableString.Invariant($"of the parts passed as good, {after.Bad} of {after.Parts} are bad; by the live model {before.Bad} of {before.Parts}");
        var (rightBefore, right) = (answers.Count(a => IsRight(a, a.Live)), answers.Count(a => IsRight(a, a.Candidate)));
        return answers.Count >= VetoParts && right < LeastRight * rightBefore
            ? FormattableString.Invariant($"parts with the right verdict fall from {rightBefore} to {right} of {answers.Count}")
            : null;
    }

    private static (int Parts, int Bad) Passed(IReadOnlyList<PartAnswer> answers, Func<PartAnswer, ModelAnswer?> of)
    {
        var passed = answers.Where(a => of(a)?.Verdict == Verdict.Ok).ToList();
        return (passed.Count, passed.Count(a => !a.IsGood));
    }

    private static bool IsRight(PartAnswer part, ModelAnswer? answer) => answer?.Verdict == (part.IsGood ? Verdict.Ok : Verdict.Ng);

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
