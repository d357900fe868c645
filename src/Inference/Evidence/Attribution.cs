using System.Numerics;
using System.Runtime.InteropServices;
using Inference.Embeddings;

namespace Inference.Evidence;

/// <summary>
/// Takes a linear form over pooled values apart, by the places of the feature maps that were pooled. Nothing is lost: the values of all stages and the form's bias add up
/// to what the form says. An average is the mean of its places (class activation maps, Zhou et al. 2016, with the baseline spread evenly); a maximum is its place alone, or shared by equal ones.
/// </summary>
public static class Attribution
{
    /// <summary>One entry a stage that the form reads; null where it reads values of which there is no map.</summary>
    /// <param name="values">[C,h,w] of a map.</param>
    public static IReadOnlyList<StageEvidence>? Explain(LinearForm form, EmbeddingSpec embedding, IReadOnlyList<FeatureMap> maps, Func<FeatureMap, ReadOnlySpan<float>> values)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(embedding);
        var (weights, baseline) = Spread(form, embedding.Length);
        List<StageEvidence> stages = [];
        var explained = 0;
        foreach (var map in maps)
        {
            var pools = embedding.Segments.Where(s => s.Name == map.Stage + ".avg" || s.Name == map.Stage + ".max").ToList();
            var read = pools.Sum(p => form.Columns.Count(c => c >= p.Offset && c < p.Offset + p.Length));
            if (read == 0) continue;
            explained += read;
            var places = new float[map.Height * map.Width];
            foreach (var pool in pools) Add(places, pool, values(map), weights, baseline);
            stages.Add(new(map.Stage, map.Width, map.Height, places));
        }

        return explained == form.Columns.Length ? stages : null;
    }

    private static (float[] Weights, float[] Baseline) Spread(LinearForm form, int length)
    {
        var (weights, baseline) = (new float[length], new float[length]);
        for (var i = 0; i < form.Columns.Length; i++) (weights[form.Columns[i]], baseline[form.Columns[i]]) = (form.Weights[i], form.Baseline[i]);
        return (weights, baseline);
    }

    private static void Add(float[] places, EmbeddingSegment pool, ReadOnlySpan<float> map, float[] weights, float[] baseline)
    {
        var isMaximum = pool.Name.EndsWith(".max", StringComparison.Ordinal);
        for (var channel = 0; channel < pool.Length; channel++)
        {
            var column = pool.Offset + channel;
            if (weights[column] == 0) continue;
            var plane = map.Slice(channel * places.Length, places.Length);
            if (isMaximum) AddMaximum(places, plane, weights[column], baseline[column]);
            else AddAverage(places, plane, weights[column] / places.Length, baseline[column]);
        }
    }

    private static void AddAverage(Span<float> places, ReadOnlySpan<float> plane, float weight, float baseline)
    {
        var sums = MemoryMarshal.Cast<float, Vector<float>>(places);
        var values = MemoryMarshal.Cast<float, Vector<float>>(plane);
        var usual = new Vector<float>(baseline);
        for (var i = 0; i < sums.Length; i++) sums[i] += (values[i] - usual) * weight;
        for (var i = sums.Length * Vector<float>.Count; i < places.Length; i++) places[i] += (plane[i] - baseline) * weight;
    }

    private static void AddMaximum(float[] places, ReadOnlySpan<float> plane, float weight, float baseline)
    {
        var top = Top(plane);
        var part = weight * (top - baseline) / plane.Count(top);
        for (var next = plane.IndexOf(top); next >= 0;)
        {
            places[next] += part;
            var after = plane[(next + 1)..].IndexOf(top);
            next = after < 0 ? -1 : next + 1 + after;
        }
    }

    private static float Top(ReadOnlySpan<float> plane)
    {
        var values = MemoryMarshal.Cast<float, Vector<float>>(plane);
        var tops = new Vector<float>(float.NegativeInfinity);
        foreach (var value in values) tops = Vector.Max(tops, value);
        var top = float.NegativeInfinity;
        for (var i = 0; i < Vector<float>.Count; i++) top = Math.Max(top, tops[i]);
        foreach (var value in plane[(values.Length * Vector<float>.Count)..]) top = Math.Max(top, value);
        return top;
    }
}
