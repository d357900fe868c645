using System.Numerics.Tensors;
using Appliance.Inspection;

namespace Appliance.Samples;

/// <summary>
/// Tells pictures of which one as good as this was kept a moment ago: of the same named part, with the same answer, and an embedding within
/// <see cref="SamplingOptions.NearCopyDistance"/> of one of the last eight. Different parts are never copies of each other, however alike, and where nobody names the part each may be another:
/// so each NG and UNSURE counts, and the audit stays a fair draw. Remembers 64 parts. Safe for several threads.
/// </summary>
internal sealed class NearCopies(double distance)
{
    private const int MostParts = 64;
    private const int KeptAPart = 8;
    private readonly Lock gate = new();
    private readonly Dictionary<Key, Recent> parts = [];
    private long turn;

    /// <param name="embedding">[D] values.</param>
    public bool Has(VerdictMessage verdict, ReadOnlySpan<float> embedding)
    {
        if (distance == 0 || KeyOf(verdict) is not { } key) return false;
        lock (gate)
        {
            if (!parts.TryGetValue(key, out var recent)) return false;
            recent.Used = ++turn;
            foreach (var other in recent.Embeddings)
            {
                if (IsNear(embedding, other)) return true;
            }

            return false;
        }
    }

    /// <summary>It was kept.</summary>
    public void Add(VerdictMessage verdict, ReadOnlySpan<float> embedding)
    {
        if (distance == 0 || KeyOf(verdict) is not { } key) return;
        lock (gate)
        {
            if (!parts.TryGetValue(key, out var recent))
            {
                if (parts.Count == MostParts) parts.Remove(parts.MinBy(p => p.Value.Used).Key);
                parts[key] = recent = new();
            }

            recent.Used = ++turn;
            if (recent.Embeddings.Count == KeptAPart) recent.Embeddings.Dequeue();
            recent.Embeddings.Enqueue(embedding.ToArray());
        }
    }

    // Relative, so that it does not depend on the backbone's scale.
    private bool IsNear(ReadOnlySpan<float> one, float[] other) =>
        one.Length == other.Length && TensorPrimitives.Distance(one, other) <= distance * Math.Max(TensorPrimitives.Norm(one), TensorPrimitives.Norm<float>(other));

    private static Key? KeyOf(VerdictMessage v) => v.Part is null ? null : new(v.Camera, v.Recipe, v.Part, v.Verdict, v.Class);

    private readonly record struct Key(string Camera, string Recipe, string Part, Inference.Decisions.Verdict Verdict, string? Class);

    private sealed class Recent
    {
        public Queue<float[]> Embeddings { get; } = new();

        public long Used { get; set; }
    }
}
