namespace Inference.Evidence;

/// <summary>What a head says of an embedding e, as bias + sum over i of weight i (e[column i] - baseline i).</summary>
/// <param name="Columns">Indices into the embedding.</param>
/// <param name="Weights">As many.</param>
/// <param name="Baseline">As many: what an ordinary part has there, which speaks for nothing.</param>
public sealed record LinearForm(int[] Columns, float[] Weights, float[] Baseline, float Bias);
