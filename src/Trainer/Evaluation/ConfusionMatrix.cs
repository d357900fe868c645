namespace Trainer.Evaluation;

/// <summary>Counts of true against predicted class, and the figures that follow from them. A figure without a case is 0, as in scikit-learn.</summary>
public sealed class ConfusionMatrix
{
    private readonly double[,] counts;

    /// <param name="classes">Names, in the order of the indices.</param>
    /// <param name="truth">Class index of each picture.</param>
    /// <param name="predicted">Class index of each picture.</param>
    /// <param name="weights">How often each picture counts; null counts each once.</param>
    public ConfusionMatrix(IReadOnlyList<string> classes, IReadOnlyList<int> truth, IReadOnlyList<int> predicted, IReadOnlyList<int>? weights = null)
    {
        Classes = classes;
        counts = new double[classes.Count, classes.Count];
        for (var i = 0; i < truth.Count; i++) counts[truth[i], predicted[i]] += weights?[i] ?? 1;
    }

    public IReadOnlyList<string> Classes { get; }

    /// <summary>Pictures of a true class that were given a class.</summary>
    public double this[int truth, int predicted] => counts[truth, predicted];

    public double Total => Sum((_, _) => true);

    public double Accuracy => Ratio(Sum((t, p) => t == p), Total);

    public double Support(int label) => Sum((t, _) => t == label);

    public double Precision(int label) => Ratio(counts[label, label], Sum((_, p) => p == label));

    public double Recall(int label) => Ratio(counts[label, label], Support(label));

    public double F1(int label) => Ratio(2 * counts[label, label], Support(label) + Sum((_, p) => p == label));

    /// <summary>Mean F1 over the classes that occur, in truth or in prediction.</summary>
    public double MacroF1
    {
        get
        {
            var present = Enumerable.Range(0, Classes.Count).Where(c => Sum((t, p) => t == c || p == c) > 0).ToList();
            return present.Count == 0 ? 0 : present.Average(F1);
        }
    }

    private static double Ratio(double part, double whole) => whole == 0 ? 0 : part / whole;

    private double Sum(Func<int, int, bool> cell)
    {
        var sum = 0.0;
        for (var t = 0; t < Classes.Count; t++)
        {
            for (var p = 0; p < Classes.Count; p++)
                if (cell(t, p)) sum += counts[t, p];
        }

        return sum;
    }
}
