using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>
/// A slice of all embeddings, each value centred and scaled by every sample seen, labelled or not. Owns its tensors.
/// </summary>
internal sealed class StandardisedSlice : IDisposable
{
    // A channel that hardly varies carries rounding noise of the half-precision store; below this share of the slice's median deviation it is not blown up.
    private const double LeastDeviation = 0.02;

    private StandardisedSlice(HeadSlice slice, Tensor mean, Tensor scale, Tensor labelled)
    {
        Slice = slice;
        Mean = mean;
        Scale = scale;
        Labelled = labelled;
    }

    public HeadSlice Slice { get; }

    /// <summary>[d] double: subtracted.</summary>
    public Tensor Mean { get; }

    /// <summary>[d] double: multiplied after that, 1 / standard deviation.</summary>
    public Tensor Scale { get; }

    /// <summary>[labelled, d] double: the labelled samples, standardised.</summary>
    public Tensor Labelled { get; }

    /// <param name="embeddings">[samples, D] float on the device to work on.</param>
    /// <param name="slice">What to take of it.</param>
    /// <param name="rows">The labelled ones.</param>
    public static StandardisedSlice From(Tensor embeddings, HeadSlice slice, int[] rows)
    {
        using var scope = NewDisposeScope();
        var values = cat([.. slice.Segments.Select(s => embeddings.narrow(1, s.Offset, s.Length))], 1).to(ScalarType.Float64);
        var mean = values.mean([0L]);
        var deviation = values.std([0L], unbiased: false);
        var scale = deviation.AtLeast(Math.Max(LeastDeviation * deviation.median().item<double>(), 1e-12)).reciprocal();
        var index = tensor([.. rows.Select(r => (long)r)], device: embeddings.device);
        var labelled = (values.index_select(0, index) - mean) * scale;
        return new(slice, mean.MoveToOuterDisposeScope(), scale.MoveToOuterDisposeScope(), labelled.MoveToOuterDisposeScope());
    }

    public void Dispose()
    {
        Mean.Dispose();
        Scale.Dispose();
        Labelled.Dispose();
    }
}
