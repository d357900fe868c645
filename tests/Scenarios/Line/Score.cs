using Scenarios.Harness;

namespace Scenarios.Line;

/// <summary>How right the line is where nobody told it.</summary>
internal static class Score
{
    /// <summary>Macro-F1 over the first inspection by a model of each part that was never labelled.</summary>
    public static (double MacroF1, double Chance, int Parts) OfUnlabelled(IEnumerable<VerdictLine> verdicts, string model) =>
        Of(verdicts.Where(v => v.Model == model && v.Part is not null && v.Truth is not null && !Labelling.Covers(v.Part)).DistinctBy(v => v.Part));

    /// <summary>The same over those of these parts that no snapshot held when they were judged: their very first inspection.</summary>
    public static (double MacroF1, double Chance, int Parts) OfUnseen(IEnumerable<VerdictLine> verdicts) =>
        Of(verdicts.Where(v => v.Part is not null && v.Truth is not null).DistinctBy(v => v.Part).Where(v => v.Model is not null && !Labelling.Covers(v.Part!)));

    private static (double MacroF1, double Chance, int Parts) Of(IEnumerable<VerdictLine> verdicts)
    {
        var first = verdicts.Select(v => (Truth: v.Truth!, Said: (string?)v.Node["class"])).ToList();
        if (first.Count == 0) return (0, 0, 0);
        var classes = first.Select(f => f.Truth).Distinct().ToList();
        var macro = classes.Average(name =>
        {
            var hits = first.Count(f => f.Truth == name && f.Said == name);
            return 2.0 * hits / (first.Count(f => f.Truth == name) + first.Count(f => f.Said == name));
        });
        return (macro, 1.0 / classes.Count, first.Count);
    }
}
