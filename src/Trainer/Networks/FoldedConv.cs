namespace Trainer.Networks;

/// <summary>A convolution with the batch norm behind it folded in: y = W' * x + b'. Computed in double, rounded once.</summary>
internal sealed record FoldedConv(float[] Weight, float[] Bias)
{
    /// <param name="scale">gamma of the batch norm.</param>
    /// <param name="shift">beta of the batch norm.</param>
    public static FoldedConv Fold(float[] weight, float[] scale, float[] shift, float[] mean, float[] variance, double epsilon)
    {
        var channels = scale.Length;
        var perChannel = weight.Length / channels;
        var (foldedWeight, foldedBias) = (new float[weight.Length], new float[channels]);
        for (var c = 0; c < channels; c++)
        {
            var factor = scale[c] / Math.Sqrt(variance[c] + epsilon);
            foldedBias[c] = (float)(shift[c] - mean[c] * factor);
            for (var i = c * perChannel; i < (c + 1) * perChannel; i++) foldedWeight[i] = (float)(weight[i] * factor);
        }
        return new(foldedWeight, foldedBias);
    }
}
