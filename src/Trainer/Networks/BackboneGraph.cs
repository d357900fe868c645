using System.Globalization;
using System.Text.Json;
using Inference;
using Inference.Embeddings;
using Trainer.Onnx;
using Trainer.Weights;
using static Trainer.Onnx.TensorProto.Types;

namespace Trainer.Networks;

/// <summary>
/// A backbone as ONNX. Input <c>image</c>; outputs <c>embedding</c> float <c>[N,D]</c>, for each pooled stage its average and then its
/// maximum, and the maps <c>map.s5</c> … float <c>[N,C,h,w]</c>. <c>metadata_props</c> say what it is; the file's SHA-256 is its identity.
/// </summary>
internal static class BackboneGraph
{
    /// <summary>The free dimension: pictures in a batch.</summary>
    public const string Batch = "N";

    /// <summary>The file's bytes; the same for the same weights and options.</summary>
    public static byte[] Build(Network network, NetworkWeights weights, BackboneOptions options)
    {
        var graph = new GraphBuilder(network.Name);
        var reader = new OnnxReader(graph, weights);
        var value = new FeatureValue(InputNodes.Add(graph, network.Input, options), new(NetworkInput.Channels, options.HeightPx, options.WidthPx));
        var maps = new List<FeatureValue>();
        var pools = new List<FeatureValue>();
        foreach (var stage in network.Stages)
        {
            value = reader.Read(stage.Layer, stage.Path, value);
            if (!network.PooledStages.Contains(stage.Index)) continue;
            pools.Add(reader.Read(new GlobalPool(Pooling.Average), $"s{stage.Index}.avg", value));
            pools.Add(reader.Read(new GlobalPool(Pooling.Maximum), $"s{stage.Index}.max", value));
            maps.Add(value with { Name = graph.Node("Identity", $"map.s{stage.Index}", [value.Name]) });
        }

        var columns = graph.Node("Concat", "embedding.columns", pools.Select(pool => pool.Name), Attributes.Int("axis", 1));
        graph.Node("Flatten", "embedding", [columns], Attributes.Int("axis", 1));
        graph.Output("embedding", DataType.Float, Batch, pools.Sum(pool => pool.Shape.Channels));
        foreach (var (name, shape) in maps) graph.Output(name, DataType.Float, Batch, shape.Channels, shape.Height, shape.Width);
        Describe(graph, network, weights, options, Segments(pools));
        return graph.Build();
    }

    private static List<EmbeddingSegment> Segments(List<FeatureValue> pools)
    {
        var segments = new List<EmbeddingSegment>();
        var offset = 0;
        foreach (var (name, shape) in pools)
        {
            segments.Add(new(name, offset, shape.Channels));
            offset += shape.Channels;
        }
        return segments;
    }

    private static void Describe(GraphBuilder graph, Network network, NetworkWeights weights, BackboneOptions options, List<EmbeddingSegment> segments)
    {
        graph.Metadata("architecture", network.Name);
        graph.Metadata("input.width", options.WidthPx.ToString(CultureInfo.InvariantCulture));
        graph.Metadata("input.height", options.HeightPx.ToString(CultureInfo.InvariantCulture));
        graph.Metadata("input.colour", "rgb");
        graph.Metadata("embedding.segments", JsonSerializer.Serialize(segments, InferenceJson.Default.ListEmbeddingSegment));
        // The licence asks for attribution wherever the weights go; the file goes into packages without its neighbours.
        foreach (var key in (string[])["license", "source"])
        {
            if (weights.Metadata.TryGetValue(key, out var text)) graph.Metadata($"weights.{key}", text);
        }
    }
}
