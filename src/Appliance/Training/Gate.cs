namespace Appliance.Training;

/// <summary>What the gate says of a candidate.</summary>
internal sealed record GateVerdict(bool Passes, string Reason);

/// <summary>One labelled part with what two models that had not seen it say; null where one has no answer.</summary>
internal sealed record PartAnswer(string Part, string Label, string? Candidate, string? Live);

/// <summary>
/// Compares candidate and live model on every labelled part, each without having seen it: out-of-fold where it was trained on,
/// directly where it came later. A candidate passes when its macro-F1 is no lower and no class with enough parts loses recall.
/// </summary>
internal static class Gate
{
    /// <summary>A class has a veto from so many parts on.</summary>
    public const int VetoParts = 10;

    /// <summary>Recall that a class may lose to chance before it vetoes: one part in twenty.</summary>
    public const double VetoRecall = 0.05;

    public static GateVerdict Judge(IReadOnlyList<PartAnswer> answers, bool hasLive)
    {
        if (answers.Count == 0) return new(false, "no labelled part is left that the candidate has not seen: more labels are needed");
        var classes = answers.Select(a => a.Label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var candidate = MacroF1.Of([.. answers.Select(a => (a.Label, a.Candidate))]);
        if (!hasLive)
        {
            // Naming one class for everything never reaches more.
            var chance = 1.0 / classes.Count;
            return candidate > chance
                ? new(true, FormattableString.Invariant($"first model: macro-F1 {candidate:F3} on {answers.Count} unseen parts, above chance ({chance:F3})"))
                : new(false, FormattableString.Invariant($"macro-F1 {candidate:F3} on {answers.Count} unseen parts is no better than chance ({chance:F3}): more labels are needed"));
        }

        var live = MacroF1.Of([.. answers.Select(a => (a.Label, a.Live))]);
        foreach (var name in classes)
        {
            var parts = answers.Where(a => a.Label == name).ToList();
            if (parts.Count < VetoParts) continue;
            var (before, after) = (parts.Count(a => a.Live == name), parts.Count(a => a.Candidate == name));
            if (before - after > VetoRecall * parts.Count)
                return new(false, FormattableString.Invariant($"recall of '{name}' falls from {before} to {after} of {parts.Count} parts"));
        }

        var figures = FormattableString.Invariant($"macro-F1 {candidate:F3} against {live:F3} of the live model on the same {answers.Count} unseen parts");
        return candidate >= live ? new(true, figures) : new(false, figures);
    }

    /// <summary>Answers a part: probabilities of its samples averaged, the most probable class taken.</summary>
    public static string? MostProbable(IEnumerable<IReadOnlyList<float>> samples, IReadOnlyList<string> classes)
    {
        var sum = new double[classes.Count];
        var any = false;
        foreach (var probabilities in samples)
        {
            any = true;
            for (var i = 0; i < sum.Length; i++) sum[i] += probabilities[i];
        }

        return any ? classes[Array.IndexOf(sum, sum.Max())] : null;
    }
}
