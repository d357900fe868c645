using Trainer.Onnx;
using static Trainer.Onnx.TensorProto.Types;

namespace Trainer.Networks;

/// <summary>The graph's input and what brings it to the network's normalised float <c>[N,3,H,W]</c>.</summary>
internal static class InputNodes
{
    public const string Name = "image";

    /// <returns>The name of the normalised picture.</returns>
    public static string Add(GraphBuilder graph, NetworkInput input, BackboneOptions options)
    {
        if (options.Input == BackboneInput.Normalised)
            return graph.Input(Name, DataType.Float, BackboneGraph.Batch, NetworkInput.Channels, options.HeightPx, options.WidthPx);

        graph.Input(Name, DataType.Uint8, BackboneGraph.Batch, options.HeightPx, options.WidthPx, NetworkInput.Channels);
        // Normalised before the first convolution, not folded into it: its padding must stay zero, which is a pixel of Mean.
        var values = graph.Node("Cast", "image.float", [Name], Attributes.Int("to", (int)DataType.Float));
        var centred = graph.Node("Sub", "image.centred", [values, graph.Constant("image.mean", [input.Mean])]);
        var scaled = graph.Node("Mul", "image.scaled", [centred, graph.Constant("image.scale", [1 / input.Scale])]);
        return graph.Node("Transpose", "image.normalised", [scaled], Attributes.Ints("perm", 0, 3, 1, 2));
    }
}
