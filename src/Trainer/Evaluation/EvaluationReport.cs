namespace Trainer.Evaluation;

/// <summary>How well a model judges pictures that have a class. Intervals are 95 %, resampled by part.</summary>
/// <param name="Images">Pictures judged.</param>
/// <param name="Skipped">Pictures that could not be read.</param>
/// <param name="Parts">Physical parts among them.</param>
/// <param name="SeenParts">Of these, parts that the model was trained on, by their ids: its figures on them flatter it.</param>
/// <param name="Classes">A class each, in the model's order.</param>
/// <param name="Confusion">[truth][predicted] counts, in the order of <paramref name="Classes"/>.</param>
/// <param name="CalibrationError">Expected calibration error, 0..1.</param>
internal sealed record EvaluationReport(
    int Images, int Skipped, int Parts, int SeenParts, double Accuracy, Interval AccuracyInterval, double MacroF1, Interval MacroF1Interval,
    IReadOnlyList<ClassReport> Classes, IReadOnlyList<IReadOnlyList<int>> Confusion, double CalibrationError);

/// <summary>Figures of one class.</summary>
internal sealed record ClassReport(
    string Name, int Images, double Precision, Interval PrecisionInterval, double Recall, Interval RecallInterval, double F1, Interval F1Interval);

/// <summary>A 95 % interval.</summary>
internal sealed record Interval(double Low, double High);
