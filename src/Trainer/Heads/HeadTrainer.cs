using System.Globalization;
using Inference.Jobs;
using Inference.Packages;
using Trainer.Evaluation;
using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>
/// Trains a head from kept embeddings: standardise by all samples, choose slice and penalty in closed form on left-out folds, one logistic
/// fit, temperature, thresholds and limit from heads that had not seen the part.
/// </summary>
public static class HeadTrainer
{
    /// <summary>Trains on the GPU where there is one, else on the CPU.</summary>
    /// <param name="set">Embeddings, labels, parts.</param>
    /// <param name="seed">Of the random start of the distance model; nothing else is random.</param>
    /// <param name="foldOf">Fold of a part; <see cref="Folds.Of"/> unless an experiment says otherwise.</param>
    /// <param name="slice">What the head reads; null chooses by rule.</param>
    /// <param name="progress">Told each phase as it starts: standardise, folds, fit, calibrate.</param>
    /// <exception cref="TrainingRefusedException">The labels do not suffice.</exception>
    public static TrainedHead Train(TrainingSet set, int seed = 1, Func<string, int>? foldOf = null, HeadSlice? slice = null, Action<string>? progress = null)
    {
        var parts = LabelledParts.From(set, foldOf ?? Folds.Of);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var device = cuda.is_available() ? CUDA : CPU;
        List<string> choices = [];
        progress?.Invoke("standardise");
        var embeddings = tensor(set.Values, [set.Samples.Count, set.Embedding.Length], device: device);
        var weights = BalancedWeights(parts, _ => true);
        progress?.Invoke("folds");
        using var chosen = SliceRule.Choose(set.Embedding, embeddings, parts, tensor(weights, device: device), slice, choices);
        progress?.Invoke("fit");
        var folds = parts.UsedFolds;
        double[][] heads = [weights, .. folds.Select(f => BalancedWeights(parts, i => parts.Folds[i] != f))];
        var penalty = chosen.Point.Penalty * LogisticShare;
        var (logits, coefficients, iterations) = LogisticFit.Fit(chosen.Features, parts.Labels, parts.Classes.Count, heads, penalty);
        choices.Add(string.Create(CultureInfo.InvariantCulture, $"penalty {penalty:0.#e+0}: least left-out squared error in closed form ({chosen.Point.Error:0.000}); {iterations} L-BFGS iterations"));
        progress?.Invoke("calibrate");
        using var look = StandardisedSlice.From(embeddings, HeadSlice.ForDistance(set.Embedding), parts.Rows);
        var outOfFold = OutOfFold.From(look.Labelled, logits, parts, folds, seed, choices);
        return Assemble(set, parts, chosen, look, logits, coefficients, outOfFold, seed, choices);
    }

    // A ridge penalty acts on a squared error; the logistic loss curves less by about this factor.
    internal const double LogisticShare = 0.1;

    private static TrainedHead Assemble(
        TrainingSet set, LabelledParts parts, ChosenSlice chosen, StandardisedSlice look, Tensor logits, Tensor coefficients, OutOfFold outOfFold, int seed, List<string> choices)
    {
        var standardised = chosen.Slice;
        var temperature = outOfFold.FitTemperature(choices);
        var judged = outOfFold.Calibrated(temperature);
        var policy = PolicyRule.Make(parts.Classes, outOfFold.Labels, judged, outOfFold.Distances, choices);
        using var seen = SeenModel.From(look.Labelled, seed);
        var (linear, bias) = chosen.Features.ToLinear(coefficients);
        var head = new LinearHead(
            standardised.Slice, Floats(standardised.Mean), Floats(standardised.Scale), Floats(linear), Floats(bias), temperature,
            new(look.Slice, Floats(look.Mean.Plus(seen.Centre / look.Scale)), Floats(look.Scale), Floats(seen.Components), Floats(seen.Gains), seen.Noise, seen.Unit));
        var own = Rows(logits.select(1, 0));
        var predictions = outOfFold.Members.Select((m, i) => new OutOfFoldPrediction(
            set.Samples[parts.Rows[m]].Sample, set.Samples[parts.Rows[m]].Part, parts.Classes[parts.Labels[m]],
            Array.ConvertAll(judged[i], p => (float)p), (float)outOfFold.Distances[i])).ToList();
        var metrics = HeadMetrics.Of(parts, outOfFold, judged);
        return new(
            parts.Classes, head, policy, predictions, metrics, choices, parts.Rows,
            [.. own.Select(l => Softmax.Of(l, temperature))], seen.Distances(look.Labelled).cpu().data<double>().ToArray());
    }

    private static double[] BalancedWeights(LabelledParts parts, Func<int, bool> include)
    {
        var counts = new double[parts.Classes.Count];
        for (var i = 0; i < parts.Count; i++)
            if (include(i)) counts[parts.Labels[i]]++;
        var present = counts.Count(c => c > 0);
        return [.. Enumerable.Range(0, parts.Count).Select(i => include(i) ? 1 / (present * counts[parts.Labels[i]]) : 0)];
    }

    internal static double[][] Rows(Tensor matrix)
    {
        var flat = matrix.contiguous().cpu().data<double>().ToArray();
        return [.. flat.Chunk((int)matrix.shape[1])];
    }

    private static float[] Floats(Tensor values) => values.to(ScalarType.Float32).contiguous().cpu().data<float>().ToArray();
}
