using System.Runtime.InteropServices;
using Google.Protobuf;
using static Trainer.Onnx.TensorProto.Types;

namespace Trainer.Onnx;

/// <summary>
/// Writes one ONNX model: values are known by name, nodes run in the order of adding. The same calls give the same bytes,
/// so that a file can be known by its hash. A name used twice is refused at once; ONNX Runtime would say so much later.
/// </summary>
internal sealed class GraphBuilder
{
    /// <summary>Opset 17 and IR version 8: read by ONNX Runtime from 1.12 and TensorRT from 8.6 on.</summary>
    public const int Opset = 17;

    public const int IrVersion = 8;

    private readonly GraphProto graph;
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> metadata = new(StringComparer.Ordinal);

    public GraphBuilder(string name) => graph = new() { Name = name };

    public string Input(string name, DataType type, params IEnumerable<Dimension> shape)
    {
        graph.Input.Add(Value(Claim(name), type, shape));
        return name;
    }

    /// <summary>Makes a value that a node (or the caller) already named an output of the graph.</summary>
    public string Output(string name, DataType type, params IEnumerable<Dimension> shape)
    {
        if (!names.Contains(name)) throw new InvalidOperationException($"Output '{name}' is made by no node of the graph '{graph.Name}'; add the node first.");
        graph.Output.Add(Value(name, type, shape));
        return name;
    }

    /// <summary>A constant of floats, row-major.</summary>
    public string Constant(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Constant(name, DataType.Float, MemoryMarshal.AsBytes(values), values.Length, shape);

    /// <summary>A constant of 64-bit integers (axes, shapes, indices), row-major.</summary>
    public string Constant(string name, ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        Constant(name, DataType.Int64, MemoryMarshal.AsBytes(values), values.Length, shape);

    /// <summary>One node with one output, which it is named after.</summary>
    /// <returns>The name of the output.</returns>
    public string Node(string operation, string output, IEnumerable<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        var node = new NodeProto { OpType = operation, Name = output };
        foreach (var input in inputs)
        {
            if (input.Length > 0 && !names.Contains(input)) throw new InvalidOperationException($"Node '{output}' ({operation}) reads '{input}', which nothing before it makes.");
            node.Input.Add(input);
        }
        node.Output.Add(Claim(output));
        foreach (var attribute in attributes) node.Attribute.Add(attribute);
        graph.Node.Add(node);
        return output;
    }

    /// <summary>An entry of <c>metadata_props</c>; written in the order of the keys.</summary>
    public void Metadata(string key, string value) => metadata[key] = value;

    /// <summary>The model as a file's bytes.</summary>
    public byte[] Build()
    {
        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "trainer", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        foreach (var (key, value) in metadata) model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return model.ToByteArray();
    }

    private string Constant(string name, DataType type, ReadOnlySpan<byte> bytes, int count, ReadOnlySpan<long> shape)
    {
        long expected = 1;
        foreach (var size in shape) expected *= size;
        if (expected != count) throw new ArgumentException($"Constant '{name}' has {count} values but a shape of {expected}.", nameof(shape));
        var tensor = new TensorProto { Name = Claim(name), DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        foreach (var size in shape) tensor.Dims.Add(size);
        graph.Initializer.Add(tensor);
        return name;
    }

    private string Claim(string name)
    {
        if (name.Length == 0) throw new ArgumentException($"A value of the graph '{graph.Name}' has no name.", nameof(name));
        return names.Add(name) ? name : throw new InvalidOperationException($"The graph '{graph.Name}' already has a value called '{name}'.");
    }

    private static ValueInfoProto Value(string name, DataType type, IEnumerable<Dimension> shape)
    {
        var dimensions = new TensorShapeProto();
        foreach (var dimension in shape) dimensions.Dim.Add(dimension.ToProto());
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = dimensions } } };
    }
}
