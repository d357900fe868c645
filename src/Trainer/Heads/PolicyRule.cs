using System.Globalization;
using Inference.Decisions;
using Trainer.Evaluation;

namespace Trainer.Heads;

/// <summary>
/// The first decision policy of a new head, from its out-of-fold predictions. A class's threshold is the smallest at which its predictions
/// reach a target precision, rounded up to <see cref="ThresholdGrid"/>; the unseen limit is a high quantile of the distances with a margin, or what a log-normal
/// distribution of them gives where that is more: of few distances the highest is no quantile.
/// </summary>
internal static class PolicyRule
{
    /// <summary>Of all parts passed as good, this share must be good.</summary>
    public const double GoodPrecision = 0.98;

    /// <summary>Of all parts given a defect, this share must have it.</summary>
    public const double DefectPrecision = 0.85;

    /// <summary>With fewer predictions of a class its precision says nothing: <see cref="DefaultThreshold"/>.</summary>
    public const int LeastPredictions = 10;

    public const double DefaultThreshold = 0.5;

    /// <summary>Quantile of the out-of-fold distances that still counts as seen.</summary>
    public const double SeenQuantile = 0.995;

    /// <summary>How far beyond that quantile a part may lie.</summary>
    public const double SeenMargin = 1.1;

    /// <summary>Standard deviations of the logarithm that still count as seen.</summary>
    public const double SeenDeviations = 3.5;

    /// <param name="classes">The good class first.</param>
    /// <param name="labels">Class of each out-of-fold sample.</param>
    /// <param name="probabilities">Calibrated, of each.</param>
    /// <param name="distances">Of each.</param>
    /// <param name="choices">Gets a line a choice.</param>
    public static DecisionPolicy Make(
        IReadOnlyList<string> classes, IReadOnlyList<int> labels, IReadOnlyList<double[]> probabilities, IReadOnlyList<double> distances, List<string> choices)
    {
        var thresholds = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var c = 0; c < classes.Count; c++)
        {
            var (threshold, why) = Threshold(c, c == 0 ? GoodPrecision : DefectPrecision, labels, probabilities);
            thresholds[classes[c]] = threshold;
            choices.Add(string.Create(CultureInfo.InvariantCulture, $"threshold {classes[c]} {threshold:0.00}: {why}"));
        }

        var quantile = SeenMargin * Quantile(distances, SeenQuantile);
        var normal = LogNormal(distances);
        var limit = Math.Min(PolicyFile.MostUnseen, Math.Round(Math.Max(quantile, normal), 4));
        choices.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"unseen limit {limit:0.00}: the larger of {SeenMargin} times the {SeenQuantile} quantile of {distances.Count} out-of-fold distances ({quantile:0.00}) and {SeenDeviations} log-normal deviations ({normal:0.00})"));
        return new() { Thresholds = thresholds, UnseenLimit = limit };
    }

    private static (double Threshold, string Why) Threshold(int label, double target, IReadOnlyList<int> labels, IReadOnlyList<double[]> probabilities)
    {
        var predicted = Enumerable.Range(0, labels.Count).Where(i => Softmax.Best(probabilities[i]) == label)
            .Select(i => (Probability: probabilities[i][label], Right: labels[i] == label)).OrderBy(p => p.Probability).ToList();
        if (predicted.Count < LeastPredictions)
            return (DefaultThreshold, string.Create(CultureInfo.InvariantCulture, $"default, only {predicted.Count} out-of-fold predictions"));
        var right = predicted.Count(p => p.Right);
        for (var i = 0; i < predicted.Count; i++)
        {
            var precision = right / (double)(predicted.Count - i);
            if (precision >= target)
            {
                return (ThresholdGrid.From(predicted[i].Probability), string.Create(
                    CultureInfo.InvariantCulture, $"smallest with out-of-fold precision {target} or more, of {ThresholdGrid.Count} from {ThresholdGrid.Least} to {ThresholdGrid.Most}"));
            }

            if (predicted[i].Right) right--;
        }

        return (ThresholdGrid.Most, string.Create(CultureInfo.InvariantCulture, $"out-of-fold precision {target} is not reached; the highest allowed"));
    }

    private static double LogNormal(IReadOnlyList<double> distances)
    {
        var logs = distances.Select(d => Math.Log(Math.Max(d, 1e-6))).ToArray();
        var mean = logs.Average();
        var variance = logs.Sum(l => (l - mean) * (l - mean)) / Math.Max(1, logs.Length - 1);
        return Math.Exp(mean + SeenDeviations * Math.Sqrt(variance * (1 + 1.0 / logs.Length)));
    }

    private static double Quantile(IReadOnlyList<double> values, double quantile)
    {
        var sorted = values.Order().ToArray();
        var place = quantile * (sorted.Length - 1);
        var below = (int)place;
        return sorted[below] + (place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }
}
