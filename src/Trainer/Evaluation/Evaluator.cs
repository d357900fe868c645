namespace Trainer.Evaluation;

/// <summary>Makes a report of what was said and what was true.</summary>
internal static class Evaluator
{
    /// <param name="classes">Names in the model's order.</param>
    /// <param name="truth">Class of each picture.</param>
    /// <param name="probabilities">Of each.</param>
    /// <param name="parts">Part of each.</param>
    /// <param name="trained">Parts that the model was trained on.</param>
    /// <param name="skipped">Pictures that could not be read.</param>
    public static EvaluationReport Report(
        IReadOnlyList<string> classes, IReadOnlyList<int> truth, IReadOnlyList<double[]> probabilities, IReadOnlyList<string> parts, IReadOnlySet<string> trained, int skipped)
    {
        var predicted = probabilities.Select(p => Softmax.Best(p)).ToArray();
        var matrix = new ConfusionMatrix(classes, truth, predicted);
        var resampled = new PartBootstrap(parts).Weights().Select(w => new ConfusionMatrix(classes, truth, predicted, w)).ToList();
        Interval Of(Func<ConfusionMatrix, double> figure) => PartBootstrap.Middle(resampled.Select(figure));
        return new(
            truth.Count, skipped, parts.Distinct(StringComparer.Ordinal).Count(), parts.Distinct(StringComparer.Ordinal).Count(trained.Contains), matrix.Accuracy, Of(m => m.Accuracy), matrix.MacroF1, Of(m => m.MacroF1),
            [.. classes.Select((name, c) => new ClassReport(
                name, (int)matrix.Support(c), matrix.Precision(c), Of(m => m.Precision(c)), matrix.Recall(c), Of(m => m.Recall(c)), matrix.F1(c), Of(m => m.F1(c))))],
            [.. classes.Select((_, t) => (IReadOnlyList<int>)[.. classes.Select((_, p) => (int)matrix[t, p])])],
            CalibrationError.Of(probabilities, truth));
    }
}
