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
/// directly where it came later. A candidate passes when its macro-F1 is no lower and, by what the same parts show beyond chance, it names no class worse
/// and lets no more bad parts escape, and when it does not leave most of what the live model decides right to a person.
/// </summary>
internal static class Gate
{
    /// <summary>A class vetoes when an equal model would lose as many of its parts more rarely than this.</summary>
    public const double NamedWorse = 0.05;

    /// <summary>Escapes veto when an equal model would let as many more of them through more rarely than this: an escape costs more than a round that is refused for nothing.</summary>
    public const double EscapesMore = 0.2;

    /// <summary>Whether a model decides is asked from so many parts on.</summary>
    public const int LeastParts = 10;

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
        var figures = FormattableString.Invariant($"macro-F1 {candidate:F3} against {live:F3} of the live model on the same {answers.Count} unseen parts");
        if (candidate < live) return new(false, figures);
        var worse = classes.Select(name => RefuseClass(name, answers)).FirstOrDefault(refusal => refusal is not null) ?? RefuseEscapes(answers) ?? RefuseIndecision(answers);
        return worse is null ? new(true, figures) : new(false, worse);
    }

    // A part that escapes no more outweighs one that gets a wrong name.
    private static string? RefuseClass(string name, IReadOnlyList<PartAnswer> answers)
    {
        var parts = answers.Where(a => a.Label == name).ToList();
        var named = PairedChange.Of(parts, a => a.Live?.Class == name, a => a.Candidate.Class == name);
        if (named.Chance >= NamedWorse || named.Net <= -Escaping(answers).Net) return null;
        var (before, after) = (parts.Count(a => a.Live?.Class == name), parts.Count(a => a.Candidate.Class == name));
        return FormattableString.Invariant($"recall of '{name}' falls from {before} to {after} of {parts.Count} parts: {named.Worse} lost, {named.Better} won");
    }

    // A head that learns to decide passes more of all kinds: as many times more bad parts as good ones are no fault of it. One that decided next to nothing says nothing of a next one.
    private static string? RefuseEscapes(IReadOnlyList<PartAnswer> answers)
    {
        var ((goodBefore, badBefore), (good, bad)) = (Passed(answers, a => a.Live), Passed(answers, a => a.Candidate));
        if (goodBefore < LeastParts) return null;
        var escaping = Escaping(answers);
        var allowed = (int)(badBefore * Math.Max(0, (double)good / goodBefore - 1));
        return new PairedChange(Math.Max(0, escaping.Worse - allowed), escaping.Better).Chance < EscapesMore
            ? FormattableString.Invariant($"{bad} of {answers.Count(a => !a.IsGood)} bad parts are passed as good, and {good} good ones; by the live model {badBefore} and {goodBefore}")
            : null;
    }

    // A head may name every class right and yet decide nothing.
    private static string? RefuseIndecision(IReadOnlyList<PartAnswer> answers)
    {
        var (before, after) = (answers.Count(a => IsRight(a, a.Live)), answers.Count(a => IsRight(a, a.Candidate)));
        return answers.Count >= LeastParts && after < LeastRight * before
            ? FormattableString.Invariant($"parts with the right verdict fall from {before} to {after} of {answers.Count}")
            : null;
    }

    private static PairedChange Escaping(IReadOnlyList<PartAnswer> answers) =>
        PairedChange.Of([.. answers.Where(a => !a.IsGood)], a => a.Live?.Verdict != Verdict.Ok, a => a.Candidate.Verdict != Verdict.Ok);

    private static (int Good, int Bad) Passed(IReadOnlyList<PartAnswer> answers, Func<PartAnswer, ModelAnswer?> of)
    {
        var passed = answers.Where(a => of(a)?.Verdict == Verdict.Ok).ToList();
        return (passed.Count(a => a.IsGood), passed.Count(a => !a.IsGood));
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
