using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Inference;
using Inference.Packages;
using Trainer.Heads;
using Trainer.Onnx;

namespace Trainer.Export;

/// <summary>
/// Backbone and head as one ONNX file for servers that know neither: <c>image</c> uint8 [N,H,W,3] in; <c>logits</c> [N,C], <c>probabilities</c> [N,C] and
/// <c>distance</c> [N] out. Names inside begin with <c>backbone/</c> or <c>head/</c>. <c>metadata_props</c> say what cannot be seen in a graph.
/// </summary>
internal static class MergedGraph
{
    public const string Format = "inspection-merged/1";
    public const string Image = "image";

    private const string Embedding = "embedding";
    private static readonly string[] Outputs = ["logits", "probabilities", "distance"];

    /// <summary>The file's bytes; the same for the same model and policy.</summary>
    /// <param name="backbone">Bytes of the backbone's file.</param>
    /// <exception cref="TrainingRefusedException">One of the two is no graph of ours.</exception>
    public static byte[] Build(ModelPackage package, byte[] backbone)
    {
        var (below, above) = (Parse("The backbone", backbone, Image, [Embedding]), Parse("The head", package.Head.ToArray(), Embedding, Outputs));
        var merged = new ModelProto { IrVersion = Math.Max(below.IrVersion, above.IrVersion), ProducerName = "trainer", Graph = new() { Name = "merged" } };
        merged.OpsetImport.Add(Opset(below, above));
        merged.Graph.Input.Add(below.Graph.Input);
        merged.Graph.Output.Add(above.Graph.Output.Where(o => Outputs.Contains(o.Name)));
        Add(merged.Graph, below.Graph, name => name == Image ? Image : "backbone/" + name);
        Add(merged.Graph, above.Graph, name => name == Embedding ? "backbone/" + Embedding : Outputs.Contains(name) ? name : "head/" + name);
        RemoveUnread(merged.Graph);
        foreach (var (key, value) in Describe(package, below)) merged.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return merged.ToByteArray();
    }

    private static ModelProto Parse(string what, byte[] onnx, string input, IReadOnlyList<string> outputs)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(onnx);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new TrainingRefusedException($"{what} is no ONNX file: {e.Message} Nothing was written.");
        }

        if (model.Graph is not { Input: [var only] } graph || only.Name != input || outputs.Any(name => graph.Output.All(o => o.Name != name)))
            throw new TrainingRefusedException($"{what} does not read '{input}' alone and give {string.Join(", ", outputs)}. Nothing was written.");
        return model;
    }

    private static OperatorSetIdProto Opset(ModelProto below, ModelProto above)
    {
        if (below.OpsetImport is [var one] && above.OpsetImport is [var other] && one.Equals(other)) return one;
        throw new TrainingRefusedException("The head is written for other operator sets than the backbone, and one file can have one set only. Train it anew with this program.");
    }

    // An empty name is an input that is left out.
    private static void Add(GraphProto merged, GraphProto part, Func<string, string> rename)
    {
        foreach (var tensor in part.Initializer)
        {
            tensor.Name = rename(tensor.Name);
            merged.Initializer.Add(tensor);
        }

        foreach (var node in part.Node)
        {
            node.Name = rename(node.Name);
            for (var i = 0; i < node.Input.Count; i++) node.Input[i] = node.Input[i].Length == 0 ? "" : rename(node.Input[i]);
            for (var i = 0; i < node.Output.Count; i++) node.Output[i] = node.Output[i].Length == 0 ? "" : rename(node.Output[i]);
            merged.Node.Add(node);
        }
    }

    // The maps for evidence, and stages that this head does not read. Nodes stand in the order in which they run.
    private static void RemoveUnread(GraphProto graph)
    {
        var read = graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = graph.Node.Count - 1; i >= 0; i--)
        {
            if (graph.Node[i].Output.Any(read.Contains)) read.UnionWith(graph.Node[i].Input);
            else graph.Node.RemoveAt(i);
        }

        foreach (var tensor in graph.Initializer.Where(t => !read.Contains(t.Name)).ToList()) graph.Initializer.Remove(tensor);
    }

    private static SortedDictionary<string, string> Describe(ModelPackage package, ModelProto backbone)
    {
        var manifest = package.Manifest;
        // What the backbone says of itself goes along: size and colour of its input, licence and source of its weights.
        var said = new SortedDictionary<string, string>(backbone.MetadataProps.ToDictionary(p => p.Key, p => p.Value), StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["model"] = manifest.ModelId,
            ["classes"] = JsonSerializer.Serialize([.. manifest.Classes], TrainerJson.Default.ListString),
            ["goodClass"] = manifest.GoodClass,
            ["temperature"] = manifest.Temperature.ToString("R", CultureInfo.InvariantCulture),
            ["backbone"] = manifest.Embedding.Backbone,
            ["head"] = manifest.HeadSha256,
            ["embedding"] = JsonSerializer.Serialize(manifest.Embedding, InferenceJson.Default.EmbeddingSpec),
            ["policy"] = JsonSerializer.Serialize(package.Policy, InferenceJson.Default.DecisionPolicy),
            ["policyId"] = package.PolicyId,
        };
        said.Remove("embedding.segments");
        return said;
    }
}
