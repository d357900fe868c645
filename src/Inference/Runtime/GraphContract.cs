using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Runtime;

/// <summary>Holds a graph's inputs and outputs against what is expected, and says what differs.</summary>
internal static class GraphContract
{
    private const int Symbolic = -1;

    /// <summary>The input must be the only one. The first dimension may be symbolic: it is the batch.</summary>
    public static NodeMetadata Input(string what, InferenceSession session, string name, TensorElementType type, params ReadOnlySpan<int> shape)
    {
        if (session.InputMetadata.Count == 1) return Check(what, "input", session.InputMetadata, name, type, shape);
        throw NetworkException.Refuse(what, $"it has the inputs {Names(session.InputMetadata)}; one, '{name}', is expected.");
    }

    /// <summary>Other outputs may be there; they are not bound.</summary>
    public static NodeMetadata Output(string what, InferenceSession session, string name, params ReadOnlySpan<int> shape) =>
        Check(what, "output", session.OutputMetadata, name, TensorElementType.Float, shape);

    private static NodeMetadata Check(
        string what, string kind, IReadOnlyDictionary<string, NodeMetadata> nodes, string name, TensorElementType type, ReadOnlySpan<int> shape)
    {
        if (!nodes.TryGetValue(name, out var node)) throw NetworkException.Refuse(what, $"it has no {kind} '{name}' but {Names(nodes)}.");
        if (!node.IsTensor || node.ElementDataType != type)
            throw NetworkException.Refuse(what, $"its {kind} '{name}' is {(node.IsTensor ? node.ElementDataType : node.OnnxValueType)}; {type} is expected.");
        if (!Fits(node.Dimensions, shape))
            throw NetworkException.Refuse(what, $"its {kind} '{name}' is [{Text(node.Dimensions)}]; [{Text(shape)}] is expected.");
        return node;
    }

    private static bool Fits(ReadOnlySpan<int> actual, ReadOnlySpan<int> expected)
    {
        if (actual.Length != expected.Length) return false;
        for (var i = 0; i < actual.Length; i++)
        {
            var fits = actual[i] == expected[i] || (i == 0 && actual[i] == Symbolic);
            if (!fits) return false;
        }

        return true;
    }

    private static string Names(IReadOnlyDictionary<string, NodeMetadata> nodes) => string.Join(", ", nodes.Keys.Select(name => $"'{name}'"));

    private static string Text(ReadOnlySpan<int> shape) =>
        string.Join(",", shape.ToArray().Select(side => side <= 0 ? "?" : side.ToString(System.Globalization.CultureInfo.InvariantCulture)));
}
