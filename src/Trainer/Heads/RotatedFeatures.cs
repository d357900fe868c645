using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>
/// Features of the labelled samples, scaled to unit mean square length, a constant 1 appended for the bias, and rotated onto the axes of their
/// class-balanced second moment. A rotation changes no fit under an L2 penalty; on these axes ridge regression is closed-form for every
/// penalty and every fold, and the logistic fit is well conditioned. One eigendecomposition, of the smaller side. Owns its tensors.
/// </summary>
internal sealed class RotatedFeatures : IDisposable
{
    private const double RankTolerance = 1e-10;
    private readonly double gain;

    private RotatedFeatures(double gain, Tensor axes, Tensor moments, Tensor values, Tensor weights)
    {
        this.gain = gain;
        Axes = axes;
        Moments = moments;
        Values = values;
        Weights = weights;
    }

    /// <summary>[d + 1, r]: orthonormal columns.</summary>
    public Tensor Axes { get; }

    /// <summary>[r]: weighted second moment along each axis, falling.</summary>
    public Tensor Moments { get; }

    /// <summary>[n, r]: the samples on the axes.</summary>
    public Tensor Values { get; }

    /// <summary>[n]: balanced class weights, sum 1.</summary>
    public Tensor Weights { get; }

    /// <param name="standardised">[n, d] double.</param>
    /// <param name="weights">[n] double, sum 1.</param>
    public static RotatedFeatures From(Tensor standardised, Tensor weights)
    {
        using var scope = NewDisposeScope();
        var n = standardised.shape[0];
        var d = standardised.shape[1];
        var gain = 1 / Math.Sqrt(Math.Max(standardised.Squared().sum().item<double>() / n, 1e-12));
        var features = cat([standardised.Times(gain), ones(n, 1, ScalarType.Float64, standardised.device)], 1);
        var weighted = features * weights.sqrt().unsqueeze(1);
        var byFeature = d + 1 <= n;
        var (moments, vectors) = linalg.eigh(byFeature ? weighted.t().mm(weighted) : weighted.mm(weighted.t()));
        var rank = (int)(moments > moments[-1].Times(RankTolerance)).sum().item<long>();
        moments = moments.narrow(0, moments.shape[0] - rank, rank).flip(0).contiguous();
        vectors = vectors.narrow(1, vectors.shape[1] - rank, rank).flip(1).contiguous();
        var axes = byFeature ? vectors : weighted.t().mm(vectors) / moments.sqrt();
        return new(
            gain, axes.MoveToOuterDisposeScope(), moments.MoveToOuterDisposeScope(), features.mm(axes).MoveToOuterDisposeScope(),
            weights.clone().MoveToOuterDisposeScope());
    }

    /// <summary>Turns coefficients on the axes [r, C] into weights [d, C] and bias [C] over the standardised slice. The caller owns both.</summary>
    public (Tensor Weights, Tensor Bias) ToLinear(Tensor coefficients)
    {
        using var scope = NewDisposeScope();
        var all = Axes.mm(coefficients);
        var d = all.shape[0] - 1;
        return (all.narrow(0, 0, d).Times(gain).MoveToOuterDisposeScope(), all[d].clone().MoveToOuterDisposeScope());
    }

    public void Dispose()
    {
        Axes.Dispose();
        Moments.Dispose();
        Values.Dispose();
        Weights.Dispose();
    }
}
