using System.Globalization;
using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>
/// What heads that had not seen the part say. A class whose parts all lie in one fold has no say: the head that leaves them out does not know it.
/// </summary>
internal sealed class OutOfFold
{
    private readonly double[][] logits;

    private OutOfFold(int[] members, int[] labels, double[][] logits, double[] distances)
    {
        Members = members;
        Labels = labels;
        this.logits = logits;
        Distances = distances;
    }

    /// <summary>Index among the labelled samples of each prediction.</summary>
    public IReadOnlyList<int> Members { get; }

    public IReadOnlyList<int> Labels { get; }

    public IReadOnlyList<double> Distances { get; }

    /// <param name="look">[n, d]: the standardised labelled samples that the distance reads.</param>
    /// <param name="logits">[n, 1 + folds, C]: final head, then one a fold.</param>
    /// <param name="parts">Labels and folds.</param>
    /// <param name="folds">The folds in the order of the heads.</param>
    /// <param name="seed">Of the distance models.</param>
    /// <param name="choices">Gets a line for each class without a say.</param>
    public static OutOfFold From(Tensor look, Tensor logits, LabelledParts parts, IReadOnlyList<int> folds, int seed, List<string> choices)
    {
        var rows = new double[parts.Count][];
        var distances = new double[parts.Count];
        for (var f = 0; f < folds.Count; f++)
        {
            using var scope = NewDisposeScope();
            var left = HeadTrainer.Rows(logits.select(1, f + 1));
            var inside = Enumerable.Range(0, parts.Count).Where(i => parts.Folds[i] == folds[f]).ToArray();
            using var seen = SeenModel.From(Pick(look, Enumerable.Range(0, parts.Count).Where(i => parts.Folds[i] != folds[f])), seed);
            var apart = seen.Distances(Pick(look, inside)).cpu().data<double>();
            for (var i = 0; i < inside.Length; i++) (rows[inside[i]], distances[inside[i]]) = (left[inside[i]], apart[i]);
        }

        for (var c = 0; c < parts.Classes.Count; c++)
            if (!parts.HasSay[c]) choices.Add($"{parts.Classes[c]}: all its parts fall into one fold, so it has no out-of-fold predictions");
        var members = Enumerable.Range(0, parts.Count).Where(i => parts.HasSay[parts.Labels[i]]).ToArray();
        return new(members, [.. members.Select(m => parts.Labels[m])], [.. members.Select(m => rows[m])], [.. members.Select(m => distances[m])]);
    }

    public double FitTemperature(List<string> choices)
    {
        var temperature = Temperature.Fit(logits, Labels);
        choices.Add(string.Create(CultureInfo.InvariantCulture, $"temperature {temperature:0.00}: least negative log-likelihood of {logits.Length} out-of-fold predictions"));
        return temperature;
    }

    public IReadOnlyList<double[]> Calibrated(double temperature) => [.. logits.Select(l => Evaluation.Softmax.Of(l, temperature))];

    private static Tensor Pick(Tensor samples, IEnumerable<int> rows) => samples.index_select(0, tensor([.. rows.Select(r => (long)r)], device: samples.device));
}
