using Inference.Embeddings;
using Inference.Evidence;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Backbones;

/// <summary>Finds the feature maps among a backbone's outputs: <c>map.s5</c> float [N,C,h,w] for the pools <c>s5.avg</c> and <c>s5.max</c>.</summary>
internal static class FeatureMaps
{
    public static string NameOf(string stage) => "map." + stage;

    /// <summary>A map that does not fit the pools of its stage is passed over: it is good for evidence only.</summary>
    public static FeatureMap[] Of(InferenceSession session, IReadOnlyList<EmbeddingSegment> segments)
    {
        List<FeatureMap> maps = [];
        foreach (var pools in segments.GroupBy(s => s.Name.Split('.')[0]))
        {
            if (!session.OutputMetadata.TryGetValue(NameOf(pools.Key), out var output) || !output.IsTensor || output.ElementDataType != TensorElementType.Float) continue;
            if (output.Dimensions is [_, > 0 and var channels, > 0 and var height, > 0 and var width] && pools.All(p => p.Length == channels)) maps.Add(new(pools.Key, channels, height, width));
        }

        return [.. maps];
    }
}
