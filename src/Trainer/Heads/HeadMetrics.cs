using Trainer.Evaluation;

namespace Trainer.Heads;

/// <summary>Named figures of a head for its manifest, all of out-of-fold predictions.</summary>
internal static class HeadMetrics
{
    public static IReadOnlyDictionary<string, double> Of(LabelledParts parts, OutOfFold outOfFold, IReadOnlyList<double[]> probabilities)
    {
        var predicted = probabilities.Select(p => Softmax.Best(p)).ToArray();
        var confusion = new ConfusionMatrix(parts.Classes, outOfFold.Labels, predicted);
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["macroF1"] = confusion.MacroF1,
            ["accuracy"] = confusion.Accuracy,
            ["calibrationError"] = CalibrationError.Of(probabilities, outOfFold.Labels),
            ["images"] = outOfFold.Labels.Count,
        };
        for (var c = 0; c < parts.Classes.Count; c++)
            if (parts.HasSay[c]) metrics["recall." + parts.Classes[c]] = confusion.Recall(c);
        return metrics;
    }
}
