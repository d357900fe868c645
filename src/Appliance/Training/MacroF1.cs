namespace Appliance.Training;

/// <summary>The mean over the classes of F1, each class counting alike however rare it is.</summary>
internal static class MacroF1
{
    /// <param name="answers">What each part is, and what was said of it; null for no answer. At least one.</param>
    public static double Of(IReadOnlyCollection<(string Truth, string? Said)> answers) =>
        answers.Select(a => a.Truth).Distinct(StringComparer.Ordinal).Average(name =>
        {
            var hits = answers.Count(a => a.Truth == name && a.Said == name);
            return 2.0 * hits / (answers.Count(a => a.Truth == name) + answers.Count(a => a.Said == name));
        });
}
