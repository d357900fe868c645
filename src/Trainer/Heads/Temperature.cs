using Trainer.Evaluation;

namespace Trainer.Heads;

/// <summary>
/// One number that makes the probabilities honest: logits are divided by it before the softmax
/// (Guo et al., On Calibration of Modern Neural Networks, 2017). It changes no class.
/// </summary>
internal static class Temperature
{
    private const double Least = 0.1;
    private const double Most = 10;

    /// <summary>The temperature with the least negative log-likelihood, by golden section over its logarithm.</summary>
    /// <param name="logits">Of samples by heads that had not seen their parts, one row each.</param>
    /// <param name="labels">The true class of each.</param>
    public static double Fit(IReadOnlyList<double[]> logits, IReadOnlyList<int> labels)
    {
        double Loss(double logTemperature)
        {
            var temperature = Math.Exp(logTemperature);
            var sum = 0.0;
            for (var i = 0; i < logits.Count; i++) sum -= Math.Log(Math.Max(Softmax.Of(logits[i], temperature)[labels[i]], 1e-12));
            return sum;
        }

        var golden = (Math.Sqrt(5) - 1) / 2;
        double low = Math.Log(Least), high = Math.Log(Most);
        while (high - low > 1e-4)
        {
            var left = high - golden * (high - low);
            var right = low + golden * (high - low);
            if (Loss(left) <= Loss(right)) high = right;
            else low = left;
        }

        return Math.Exp((low + high) / 2);
    }
}
