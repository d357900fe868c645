using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>
/// Multinomial logistic regression with an L2 penalty, to convergence. The final head and one head a fold are columns of one problem and
/// share every matrix product: each sees its own samples through its weights. The products over the samples are float32, all else is double.
/// </summary>
internal static class LogisticFit
{
    // Logit of a class that a fold's training parts do not have.
    private const double Absent = -1e4;

    /// <summary>Fits all heads at once.</summary>
    /// <param name="features">Values [n, r].</param>
    /// <param name="labels">Class of each sample.</param>
    /// <param name="classCount">C.</param>
    /// <param name="weights">[heads][n], each summing to 1; 0 leaves a sample out.</param>
    /// <param name="penalty">Of half the squared coefficients.</param>
    /// <returns>Logits [n, heads, C] of every sample by every head, and coefficients [r, C] of head 0. The caller owns both.</returns>
    public static (Tensor Logits, Tensor Coefficients, int Iterations) Fit(
        RotatedFeatures features, int[] labels, int classCount, double[][] weights, double penalty)
    {
        using var scope = NewDisposeScope();
        var device = features.Values.device;
        var x = features.Values.to(ScalarType.Float32);
        var xt = x.t().contiguous();
        long n = labels.Length, heads = weights.Length;
        var w = tensor(weights.SelectMany(v => v).ToArray(), [heads, n], device: device).t().contiguous().unsqueeze(2);
        var y = nn.functional.one_hot(tensor([.. labels.Select(l => (long)l)], device: device), classCount).to(ScalarType.Float64).unsqueeze(1);
        var absent = tensor(AbsentClasses(labels, classCount, weights), [1, heads, classCount], device: device);

        (double, Tensor) Objective(Tensor coefficients)
        {
            using var inner = NewDisposeScope();
            var logits = Product(x, coefficients).view(n, heads, classCount).Plus(absent);
            var logProbability = logits.log_softmax(2);
            var value = coefficients.Squared().sum().Times(0.5 * penalty) - (logProbability * y * w).sum();
            var gradient = Product(xt, ((logProbability.exp() - y) * w).view(n, heads * classCount)).AddInPlace(coefficients, penalty);
            return (value.item<double>(), gradient.MoveToOuterDisposeScope());
        }

        var curvature = (1.0 / classCount) * (1 - 1.0 / classCount);
        var inverse = features.Moments.Times(curvature).Plus(penalty).unsqueeze(1).reciprocal();
        var start = zeros(x.shape[1], heads * classCount, ScalarType.Float64, device);
        var (solution, iterations) = Lbfgs.Minimise(Objective, start, inverse);
        var all = features.Values.mm(solution).view(n, heads, classCount).Plus(absent);
        return (all.MoveToOuterDisposeScope(), solution.narrow(1, 0, classCount).clone().MoveToOuterDisposeScope(), iterations);
    }

    private static Tensor Product(Tensor samples, Tensor columns) => samples.mm(columns.to(ScalarType.Float32)).to(ScalarType.Float64);

    private static double[] AbsentClasses(int[] labels, int classCount, double[][] weights)
    {
        var absent = new double[weights.Length * classCount];
        for (var h = 0; h < weights.Length; h++)
        {
            for (var c = 0; c < classCount; c++)
                if (!labels.Where((l, i) => l == c && weights[h][i] > 0).Any()) absent[h * classCount + c] = Absent;
        }

        return absent;
    }
}
