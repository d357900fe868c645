using Trainer.Onnx;
using Trainer.Weights;

namespace Trainer.Networks;

/// <summary>
/// Reads a network description into an ONNX graph for inference. Values carry torchvision's names; batch norm is folded into the
/// convolution before it; dropout leaves no node. The reader for training must agree with this one, operation by operation.
/// </summary>
internal sealed class OnnxReader(GraphBuilder graph, NetworkWeights weights)
{
    private const string Zero = "relu6.min";
    private const string Six = "relu6.max";

    private bool hasClipBounds;

    /// <summary>Adds the layer and all in it.</summary>
    /// <param name="path">The layer's torchvision name.</param>
    /// <param name="input">What it reads, <c>[N,C,H,W]</c>.</param>
    public FeatureValue Read(Layer layer, string path, FeatureValue input) => layer switch
    {
        Sequential sequential => ReadSequential(sequential, path, input),
        InvertedResidual residual => ReadResidual(residual, path, input),
        Conv conv => ReadConv(conv, path, input, weights[$"{path}.weight"], null),
        Relu6 => Made("Clip", layer, path, input, [input.Name, .. ClipBounds()]),
        GlobalPool { Pooling: Pooling.Average } => Made("GlobalAveragePool", layer, path, input, [input.Name]),
        GlobalPool => Made("GlobalMaxPool", layer, path, input, [input.Name]),
        Linear linear => ReadLinear(linear, path, input),
        Dropout => input,
        _ => throw new NotSupportedException($"The ONNX reader does not know the layer {layer.GetType().Name} at '{path}'. Add it there, with a test."),
    };

    private FeatureValue ReadSequential(Sequential sequential, string path, FeatureValue value)
    {
        for (var i = 0; i < sequential.Layers.Count; i++)
        {
            var layer = sequential.Layers[i];
            if (layer is Conv conv && i + 1 < sequential.Layers.Count && sequential.Layers[i + 1] is BatchNorm norm)
            {
                var folded = Fold($"{path}.{i}", $"{path}.{i + 1}", norm);
                value = ReadConv(conv, $"{path}.{i}", value, folded.Weight, folded.Bias);
                i++;
            }
            else
            {
                value = Read(layer, $"{path}.{i}", value);
            }
        }
        return value;
    }

    private FeatureValue ReadResidual(InvertedResidual residual, string path, FeatureValue input)
    {
        var output = Read(residual.Block, $"{path}.block", input);
        return residual.Skip ? output with { Name = graph.Node("Add", $"{path}.add", [output.Name, input.Name]) } : output;
    }

    private FoldedConv Fold(string conv, string norm, BatchNorm layer) => FoldedConv.Fold(
        weights[$"{conv}.weight"],
        weights[$"{norm}.weight"],
        weights[$"{norm}.bias"],
        weights[$"{norm}.running_mean"],
        weights[$"{norm}.running_var"],
        layer.Epsilon);

    private FeatureValue ReadConv(Conv conv, string path, FeatureValue input, float[] weight, float[]? bias)
    {
        List<string> inputs = [input.Name, graph.Constant($"{path}.weight", weight, conv.Outputs, conv.Inputs / conv.Groups, conv.Kernel, conv.Kernel)];
        if (bias is not null) inputs.Add(graph.Constant($"{path}.bias", bias, conv.Outputs));
        var (top, bottom) = conv.Padding(input.Shape.Height);
        var (left, right) = conv.Padding(input.Shape.Width);
        return Made(
            "Conv",
            conv,
            path,
            input,
            inputs,
            Attributes.Ints("kernel_shape", conv.Kernel, conv.Kernel),
            Attributes.Ints("strides", conv.Stride, conv.Stride),
            Attributes.Ints("pads", top, left, bottom, right),
            Attributes.Int("group", conv.Groups));
    }

    private FeatureValue ReadLinear(Linear linear, string path, FeatureValue input)
    {
        var rows = graph.Node("Flatten", $"{path}.rows", [input.Name], Attributes.Int("axis", 1));
        var weight = graph.Constant($"{path}.weight", weights[$"{path}.weight"], linear.Outputs, linear.Inputs);
        var bias = graph.Constant($"{path}.bias", weights[$"{path}.bias"], linear.Outputs);
        return Made("Gemm", linear, path, input, [rows, weight, bias], Attributes.Int("transB", 1));
    }

    private FeatureValue Made(
        string operation, Layer layer, string path, FeatureValue input, IEnumerable<string> inputs, params ReadOnlySpan<AttributeProto> attributes) =>
        new(graph.Node(operation, path, inputs, attributes), layer.Shape(input.Shape));

    private string[] ClipBounds()
    {
        if (!hasClipBounds)
        {
            graph.Constant(Zero, [0f]);
            graph.Constant(Six, [6f]);
            hasClipBounds = true;
        }
        return [Zero, Six];
    }
}

/// <summary>A value of the graph: its name and the shape of one picture's features.</summary>
internal readonly record struct FeatureValue(string Name, FeatureShape Shape);
