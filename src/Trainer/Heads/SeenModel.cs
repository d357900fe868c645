using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>
/// What the training parts look like: probabilistic principal components (Tipping and Bishop, Probabilistic Principal Component Analysis,
/// J. R. Statist. Soc. B 61, 1999) over a standardised slice. The distance is Mahalanobis's under that model, divided by the training median.
/// Owns its tensors.
/// </summary>
internal sealed class SeenModel : IDisposable
{
    private const int MostComponents = 32;
    private const int SamplesAComponent = 4;
    private const int Passes = 4;
    private const int Oversampling = 8;

    private SeenModel(Tensor centre, Tensor components, Tensor gains, double noise, double unit)
    {
        Centre = centre;
        Components = components;
        Gains = gains;
        Noise = noise;
        Unit = unit;
    }

    /// <summary>[d]: the mean, subtracted first.</summary>
    public Tensor Centre { get; }

    /// <summary>[d, k]: principal directions, orthonormal.</summary>
    public Tensor Components { get; }

    /// <summary>[k]: 1/noise - 1/variance of each direction, by which its square counts less than noise would.</summary>
    public Tensor Gains { get; }

    /// <summary>Variance in each direction beyond the components.</summary>
    public double Noise { get; }

    /// <summary>Mahalanobis distance of the median training sample.</summary>
    public double Unit { get; }

    /// <param name="samples">[n, d] double, standardised.</param>
    /// <param name="seed">Of the random start of the subspace iteration.</param>
    public static SeenModel From(Tensor samples, int seed)
    {
        using var scope = NewDisposeScope();
        long n = samples.shape[0], d = samples.shape[1];
        var k = Math.Clamp(n / SamplesAComponent, 1, Math.Min(MostComponents, d - 1));
        var centre = samples.mean([0L]);
        var centred = samples - centre;
        var (variances, components) = Principal(centred, Math.Min(k + Oversampling, Math.Min(n, d)), seed);
        (variances, components) = (variances.narrow(0, 0, k), components.narrow(1, 0, k));
        var total = centred.Squared().sum().item<double>() / n;
        var noise = Math.Max((total - variances.sum().item<double>()) / (d - k), 1e-6);
        var gains = variances.AtLeast(noise).reciprocal().neg().Plus(1 / noise);
        using var raw = new SeenModel(centre.clone(), components.clone(), gains.clone(), noise, 1);
        var unit = raw.Distances(samples).median().item<double>();
        return new(
            centre.MoveToOuterDisposeScope(), components.contiguous().MoveToOuterDisposeScope(), gains.MoveToOuterDisposeScope(), noise, Math.Max(unit, 1e-6));
    }

    /// <summary>[n] distances; 1 is the training median. The caller owns the tensor.</summary>
    public Tensor Distances(Tensor samples)
    {
        using var scope = NewDisposeScope();
        var centred = samples - Centre;
        var whole = centred.Squared().sum(1).Over(Noise);
        var explained = centred.mm(Components).Squared().mv(Gains);
        return (whole - explained).AtLeast(0).sqrt().Over(Unit).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Centre.Dispose();
        Components.Dispose();
        Gains.Dispose();
    }

    // Subspace iteration from a random start (Halko, Martinsson and Tropp 2011): the leading few of many directions, without the rest.
    private static (Tensor Variances, Tensor Components) Principal(Tensor centred, long count, int seed)
    {
        long n = centred.shape[0], d = centred.shape[1];
        var random = new Random(seed);
        var start = new double[d * count];
        for (var i = 0; i < start.Length; i++) start[i] = random.NextDouble() - 0.5;
        var basis = tensor(start, [d, count], device: centred.device);
        for (var pass = 0; pass < Passes; pass++) basis = linalg.qr(centred.t().mm(centred.mm(basis))).Q;
        var projected = centred.mm(basis);
        var (values, vectors) = linalg.eigh(projected.t().mm(projected).Over(n));
        return (values.flip(0), basis.mm(vectors.flip(1)));
    }
}
