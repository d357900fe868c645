using Trainer.Evaluation;
using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>
/// Chooses the penalty in closed form: ridge regression on the class indicators, judged on left-out folds without a refit
/// (the leave-group-out identity, residual = (I - H_ff)^-1 (y - Hy)_f; see Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 7.10).
/// </summary>
internal static class RidgePath
{
    /// <summary>Penalties tried, against unit-length features and weights that sum to 1.</summary>
    public static readonly double[] Penalties = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1];

    /// <summary>What one penalty gives on left-out folds.</summary>
    /// <param name="Penalty">One of <see cref="Penalties"/>.</param>
    /// <param name="Error">Class-balanced mean squared error of the indicators.</param>
    /// <param name="MacroF1">Of the largest indicator.</param>
    internal sealed record Point(double Penalty, double Error, double MacroF1);

    /// <summary>The penalty with the least left-out error.</summary>
    public static Point Choose(RotatedFeatures features, LabelledParts parts) => Walk(features, parts).MinBy(p => p.Error)!;

    /// <summary>Every penalty, in order.</summary>
    public static IReadOnlyList<Point> Walk(RotatedFeatures features, LabelledParts parts)
    {
        using var scope = NewDisposeScope();
        var device = features.Values.device;
        var root = features.Weights.sqrt().unsqueeze(1);
        var basis = features.Values * root / features.Moments.sqrt();
        var targets = nn.functional.one_hot(tensor([.. parts.Labels.Select(l => (long)l)], device: device), parts.Classes.Count).to(ScalarType.Float64) * root;
        var projected = basis.t().mm(targets);
        var folds = parts.UsedFolds
            .Select(f => tensor([.. Enumerable.Range(0, parts.Count).Where(i => parts.Folds[i] == f).Select(i => (long)i)], device: device)).ToArray();
        return [.. Penalties.Select(p => Judge(p, basis, projected, targets, root, features.Moments, folds, parts))];
    }

    private static Point Judge(
        double penalty, Tensor basis, Tensor projected, Tensor targets, Tensor root, Tensor moments, Tensor[] folds, LabelledParts parts)
    {
        using var scope = NewDisposeScope();
        var shrink = moments / moments.Plus(penalty);
        var residual = targets - basis.mm(projected * shrink.unsqueeze(1));
        var error = 0.0;
        var predicted = new int[parts.Count];
        foreach (var fold in folds)
        {
            using var inner = NewDisposeScope();
            var rows = basis.index_select(0, fold);
            var identityLessHat = eye(fold.shape[0], dtype: ScalarType.Float64, device: basis.device) - (rows * shrink).mm(rows.t());
            var leftOut = linalg.solve(identityLessHat, residual.index_select(0, fold));
            error += leftOut.Squared().sum().item<double>();
            var scores = (targets.index_select(0, fold) - leftOut) / root.index_select(0, fold);
            var best = scores.argmax(1).cpu().data<long>();
            var indices = fold.cpu().data<long>();
            for (var i = 0; i < best.Count; i++) predicted[indices[i]] = (int)best[i];
        }

        return new(penalty, error, new ConfusionMatrix(parts.Classes, parts.Labels, predicted).MacroF1);
    }
}
