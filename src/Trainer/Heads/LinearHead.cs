namespace Trainer.Heads;

/// <summary>The numbers of a head, ready for its graph. All row-major.</summary>
/// <param name="Slice">What it reads; d values.</param>
/// <param name="Mean">[d]: subtracted from the slice.</param>
/// <param name="Scale">[d]: multiplied after that.</param>
/// <param name="Weights">[d, C] over the standardised slice.</param>
/// <param name="Bias">[C].</param>
/// <param name="Temperature">Logits are divided by it before the softmax.</param>
/// <param name="Seen">What the training parts look like.</param>
public sealed record LinearHead(HeadSlice Slice, float[] Mean, float[] Scale, float[] Weights, float[] Bias, double Temperature, SeenNumbers Seen);

/// <summary>Probabilistic principal components as numbers, over a slice of their own.</summary>
/// <param name="Slice">What the distance reads; d values.</param>
/// <param name="Mean">[d]: of the labelled samples; subtracted from the slice.</param>
/// <param name="Scale">[d]: multiplied after that.</param>
/// <param name="Components">[d, k].</param>
/// <param name="Gains">[k].</param>
/// <param name="Noise">Variance beyond the components.</param>
/// <param name="Unit">Distance of the median training sample.</param>
public sealed record SeenNumbers(HeadSlice Slice, float[] Mean, float[] Scale, float[] Components, float[] Gains, double Noise, double Unit);
