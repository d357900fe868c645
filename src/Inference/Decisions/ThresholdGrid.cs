namespace Inference.Decisions;

/// <summary>
/// The thresholds that the trainer chooses from, for each class: few and fixed before a prediction is looked at, so that whoever states intervals by the same predictions can allow for the choice.
/// </summary>
public static class ThresholdGrid
{
    /// <summary>How many there are, from <see cref="Least"/> to <see cref="Most"/> in even steps.</summary>
    public const int Count = 21;

    public const double Least = 0.4;

    public const double Most = 0.8;

    private const double Step = (Most - Least) / (Count - 1);

    /// <summary>The lowest that is not below a probability; the highest where all are.</summary>
    public static double From(double probability) =>
        Math.Round(Least + Step * Math.Clamp(Math.Ceiling((probability - Least) / Step - 1e-9), 0, Count - 1), 6);
}
