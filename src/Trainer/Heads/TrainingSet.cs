using Inference.Embeddings;
using Inference.Jobs;

namespace Trainer.Heads;

/// <summary>Kept embeddings with what is known of them. Row i of the values belongs to sample i.</summary>
/// <param name="Embedding">What the values are.</param>
/// <param name="Samples">Labelled or not: unlabelled ones serve the standardisation.</param>
/// <param name="Values">[samples, <see cref="EmbeddingSpec.Length"/>], row-major.</param>
/// <param name="GoodClass">The class that means a good part.</param>
public sealed record TrainingSet(EmbeddingSpec Embedding, IReadOnlyList<TrainingSample> Samples, float[] Values, string GoodClass)
{
    /// <summary>One sample's embedding.</summary>
    public ReadOnlySpan<float> Row(int sample) => Values.AsSpan(sample * Embedding.Length, Embedding.Length);
}

/// <summary>The training set, or what is asked of it, cannot give a head. The message is one sentence for an operator: what, where, what to do.</summary>
public sealed class TrainingRefusedException(string message) : Exception(message);
