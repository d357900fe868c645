namespace Trainer.Evaluation;

/// <summary>Expected calibration error: how far the probability of the given class lies from the share that is right, over 15 bins of equal width (Guo et al. 2017).</summary>
internal static class CalibrationError
{
    private const int Bins = 15;

    public static double Of(IReadOnlyList<double[]> probabilities, IReadOnlyList<int> truth)
    {
        var confidence = new double[Bins];
        var right = new double[Bins];
        for (var i = 0; i < truth.Count; i++)
        {
            var best = Softmax.Best(probabilities[i]);
            var bin = Math.Clamp((int)(probabilities[i][best] * Bins), 0, Bins - 1);
            confidence[bin] += probabilities[i][best];
            if (best == truth[i]) right[bin]++;
        }

        return truth.Count == 0 ? 0 : confidence.Zip(right).Sum(b => Math.Abs(b.First - b.Second)) / truth.Count;
    }
}
