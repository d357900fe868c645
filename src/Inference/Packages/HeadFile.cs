using System.Text;

namespace Inference.Packages;

/// <summary>
/// Looks into an ONNX file before ONNX Runtime does, by the wire format of Protocol Buffers alone: refuses what reads other files
/// (external data) or runs other code (operators outside the standard, functions). Field numbers are facts of the ONNX format.
/// </summary>
internal static class HeadFile
{
    private const int MaxDepth = 16;
    private const int MaxShownBytes = 64;
    private const int ModelGraph = 7, ModelFunctions = 25;
    private const int GraphNode = 1, GraphInitializer = 5, GraphSparseInitializer = 15;
    private const int NodeAttribute = 5, NodeDomain = 7;
    private const int AttributeTensor = 5, AttributeGraph = 6, AttributeTensors = 10, AttributeGraphs = 11, AttributeSparse = 22, AttributeSparses = 23;
    private const int TensorExternalData = 13, TensorDataLocation = 14;

    /// <summary>Why the file is refused, or null.</summary>
    public static string? Refuse(ReadOnlySpan<byte> onnx)
    {
        try
        {
            return Model(onnx);
        }
        catch (FormatException e)
        {
            return "it is damaged: " + e.Message;
        }
    }

    private static string? Model(ReadOnlySpan<byte> bytes)
    {
        var graphs = 0;
        foreach (var field in new WireFields(bytes))
        {
            if (field.Number == ModelFunctions) return "it defines functions of its own.";
            if (field.Number != ModelGraph) continue;
            graphs++;
            if (Graph(field.Bytes, 0) is { } refusal) return refusal;
        }

        return graphs == 1 ? null : $"it has {graphs} graphs in place of one.";
    }

    private static string? Graph(ReadOnlySpan<byte> bytes, int depth)
    {
        if (depth > MaxDepth) return "its graphs are nested too deep.";
        foreach (var field in new WireFields(bytes))
        {
            var refusal = field.Number switch
            {
                GraphNode => Node(field.Bytes, depth),
                GraphInitializer => Tensor(field.Bytes),
                GraphSparseInitializer => "it has sparse tensors.",
                _ => null,
            };
            if (refusal is not null) return refusal;
        }

        return null;
    }

    private static string? Node(ReadOnlySpan<byte> bytes, int depth)
    {
        foreach (var field in new WireFields(bytes))
        {
            if (field.Number == NodeDomain && !field.Bytes.IsEmpty && !field.Bytes.SequenceEqual("ai.onnx"u8)) return $"it has an operator of the domain '{Encoding.UTF8.GetString(field.Bytes[..Math.Min(field.Bytes.Length, MaxShownBytes)])}'.";
            if (field.Number == NodeAttribute && Attribute(field.Bytes, depth) is { } refusal) return refusal;
        }

        return null;
    }

    private static string? Attribute(ReadOnlySpan<byte> bytes, int depth)
    {
        foreach (var field in new WireFields(bytes))
        {
            var refusal = field.Number switch
            {
                AttributeTensor or AttributeTensors => Tensor(field.Bytes),
                AttributeGraph or AttributeGraphs => Graph(field.Bytes, depth + 1),
                AttributeSparse or AttributeSparses => "it has sparse tensors.",
                _ => null,
            };
            if (refusal is not null) return refusal;
        }

        return null;
    }

    private static string? Tensor(ReadOnlySpan<byte> bytes)
    {
        foreach (var field in new WireFields(bytes))
        {
            if (field.Number == TensorExternalData || (field.Number == TensorDataLocation && field.Value != 0))
                return "it has external data: its weights must lie in the file itself.";
        }

        return null;
    }
}
