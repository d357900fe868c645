using Appliance.Samples;
using Inference.Embeddings;

namespace Appliance.Models.MustCatch;

/// <summary>Embeddings of single samples, as this station computes them. Owns the file that it reads. One user at a time.</summary>
internal sealed class KeptRows(SampleIndex index, LabelledEvidence evidence) : IDisposable
{
    private readonly EmbeddingFileReader? embeddings = evidence.Open();
    private readonly float[] values = new float[evidence.Spec.Length];

    /// <summary>[D] of the last sample that was read.</summary>
    public ReadOnlySpan<float> Values => values;

    /// <param name="gone">Why there is none; null where there is.</param>
    public bool TryRead(string sample, out string? gone)
    {
        gone = index.RowOf(sample, evidence.Spec.Identity) is not { } row ? "it has no embedding of this backbone; 'appliance repair' computes one where its picture is there"
            : embeddings is null || row >= embeddings.Count || !embeddings.TryRead(row, values, out _) ? "its embedding is gone or damaged; 'appliance repair' computes it anew where its picture is there"
            : null;
        return gone is null;
    }

    public void Dispose() => embeddings?.Dispose();
}
