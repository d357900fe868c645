namespace Inference.Evidence;

/// <summary>What the places of one stage's feature map contribute.</summary>
/// <param name="Stage">For example <c>s5</c>.</param>
/// <param name="Values">[height,width]; their sum is the stage's part of the score.</param>
public sealed record StageEvidence(string Stage, int Width, int Height, float[] Values);
