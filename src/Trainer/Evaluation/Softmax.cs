namespace Trainer.Evaluation;

/// <summary>Logits to probabilities.</summary>
internal static class Softmax
{
    /// <summary>Probabilities of logits divided by the temperature.</summary>
    public static double[] Of(double[] logits, double temperature)
    {
        var most = logits.Max();
        var result = Array.ConvertAll(logits, l => Math.Exp((l - most) / temperature));
        var sum = result.Sum();
        for (var i = 0; i < result.Length; i++) result[i] /= sum;
        return result;
    }

    /// <summary>Index of the largest; the first of equals.</summary>
    public static int Best(IReadOnlyList<double> values)
    {
        var best = 0;
        for (var i = 1; i < values.Count; i++)
            if (values[i] > values[best]) best = i;
        return best;
    }
}
