using MathNet.Numerics.Distributions;

namespace Appliance.Training;

/// <summary>On how many of the same parts one model does worse than another, and on how many better; those that both do alike say nothing.</summary>
internal readonly record struct PairedChange(int Worse, int Better)
{
    /// <param name="was">Right by the first model.</param>
    /// <param name="isNow">Right by the second.</param>
    public static PairedChange Of(IReadOnlyCollection<PartAnswer> parts, Func<PartAnswer, bool> was, Func<PartAnswer, bool> isNow) =>
        new(parts.Count(p => was(p) && !isNow(p)), parts.Count(p => !was(p) && isNow(p)));

    /// <summary>Parts that are worse, less those that are better.</summary>
    public int Net => Worse - Better;

    /// <summary>How probable as many worse ones are where both models are equally good, 0..1: the exact sign test, McNemar's for pairs (Psychometrika 1947).</summary>
    public double Chance => Worse == 0 ? 1 : 1 - Binomial.CDF(0.5, Worse + Better, Worse - 1);
}
