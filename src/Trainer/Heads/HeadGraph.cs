using System.Text.Json;
using Trainer.Onnx;
using static Trainer.Onnx.TensorProto.Types;

namespace Trainer.Heads;

/// <summary>
/// Writes a head as ONNX: <c>embedding</c> [N,D] in; <c>logits</c> [N,C], <c>probabilities</c> [N,C] and <c>distance</c> [N] out.
/// Kilobytes; the same numbers give the same bytes.
/// </summary>
internal static class HeadGraph
{
    /// <param name="head">The numbers.</param>
    /// <param name="classes">Names, in the order of the outputs.</param>
    /// <param name="embeddingLength">D.</param>
    public static byte[] Build(LinearHead head, IReadOnlyList<string> classes, int embeddingLength)
    {
        var graph = new GraphBuilder("head");
        graph.Input("embedding", DataType.Float, "N", embeddingLength);
        var standardised = Standardised(graph, "", head.Slice, head.Mean, head.Scale);
        var weights = graph.Constant("weights", head.Weights, head.Slice.Length, classes.Count);
        var logits = graph.Node("Gemm", "logits", [standardised, weights, graph.Constant("bias", head.Bias, classes.Count)]);
        var cooled = graph.Node("Div", "cooled", [logits, graph.Constant("temperature", [(float)head.Temperature])]);
        var probabilities = graph.Node("Softmax", "probabilities", [cooled], Attributes.Int("axis", 1));
        var distance = Distance(graph, head.Seen);
        graph.Output(logits, DataType.Float, "N", classes.Count);
        graph.Output(probabilities, DataType.Float, "N", classes.Count);
        graph.Output(distance, DataType.Float, "N");
        graph.Metadata("classes", JsonSerializer.Serialize([.. classes], TrainerJson.Default.ListString));
        graph.Metadata("slice", head.Slice.Name);
        return graph.Build();
    }

    // Neighbouring segments are one Slice; anything else is a Gather.
    private static string Standardised(GraphBuilder graph, string prefix, HeadSlice slice, float[] mean, float[] scale)
    {
        var columns = slice.Columns;
        var values = columns[^1] - columns[0] != columns.Length - 1
            ? graph.Node("Gather", prefix + "slice", ["embedding", graph.Constant(prefix + "columns", columns, columns.Length)], Attributes.Int("axis", 1))
            : graph.Node("Slice", prefix + "slice", ["embedding", graph.Constant(prefix + "from", [columns[0]], 1), graph.Constant(prefix + "to", [columns[^1] + 1], 1), graph.Constant(prefix + "axis", [1L], 1)]);
        var centred = graph.Node("Sub", prefix + "centred", [values, graph.Constant(prefix + "mean", mean, slice.Length)]);
        return graph.Node("Mul", prefix + "standardised", [centred, graph.Constant(prefix + "scale", scale, slice.Length)]);
    }

    // sqrt(|z|^2 / noise - sum of gain_j (u_j z)^2) / unit, with noise and unit folded into the constants.
    private static string Distance(GraphBuilder graph, SeenNumbers seen)
    {
        var unit = seen.Unit * seen.Unit;
        var offset = Standardised(graph, "seen_", seen.Slice, seen.Mean, seen.Scale);
        var axes = graph.Constant("axis_one", [1L], 1);
        var squares = graph.Node("ReduceSumSquare", "squares", [offset], Attributes.Ints("axes", 1), Attributes.Int("keepdims", 0));
        var whole = graph.Node("Mul", "whole", [squares, graph.Constant("whole_gain", [(float)(1 / (seen.Noise * unit))])]);
        var along = graph.Node("MatMul", "along", [offset, graph.Constant("components", seen.Components, seen.Slice.Length, seen.Gains.Length)]);
        var alongSquares = graph.Node("Mul", "along_squares", [along, along]);
        var gains = graph.Constant("along_gain", [.. seen.Gains.Select(g => (float)(g / unit))], seen.Gains.Length);
        var weighted = graph.Node("Mul", "along_weighted", [alongSquares, gains]);
        var explained = graph.Node("ReduceSum", "explained", [weighted, axes], Attributes.Int("keepdims", 0));
        var rest = graph.Node("Relu", "rest", [graph.Node("Sub", "difference", [whole, explained])]);
        return graph.Node("Sqrt", "distance", [rest]);
    }
}
