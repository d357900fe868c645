namespace Inference.Heads;

/// <summary>What a head says of one embedding. Valid until the head's next run.</summary>
/// <param name="logits">[C], before the temperature.</param>
/// <param name="probabilities">[C], after the temperature; they sum to 1.</param>
/// <param name="distance">To what the head was trained on; 1 is the median of the training set.</param>
public readonly ref struct HeadOutput(ReadOnlySpan<float> logits, ReadOnlySpan<float> probabilities, float distance)
{
    /// <summary>[C], before the temperature.</summary>
    public ReadOnlySpan<float> Logits { get; } = logits;

    /// <summary>[C], after the temperature.</summary>
    public ReadOnlySpan<float> Probabilities { get; } = probabilities;

    /// <summary>1 is the median of the training set.</summary>
    public float Distance { get; } = distance;
}
