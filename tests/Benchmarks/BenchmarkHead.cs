using System.Security.Cryptography;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Evidence;
using Inference.Heads;
using Inference.Packages;
using Inference.Runtime;
using Trainer.Heads;
using Trainer.Onnx;
using static Trainer.Onnx.TensorProto.Types;

namespace Benchmarks;

/// <summary>A head of the default kind (stages 5 and 6, pooled twice, six classes) with weights that are not trained: it takes as long.</summary>
internal static class BenchmarkHead
{
    public const int Classes = 6;

    private const int Components = 30;

    private static readonly string[] Names = [.. Enumerable.Range(0, Classes).Select(i => $"class {i}")];

    public static HeadSession Load(EmbeddingSpec embedding, RuntimeOptions options) =>
        HeadSession.Load(Build(embedding), embedding.Length, Classes, options);

    /// <summary>As the trainer writes them, for evidence.</summary>
    public static HeadNumbers Numbers(EmbeddingSpec embedding)
    {
        var slice = HeadSlice.EarlierStages(embedding)!;
        var (width, mean, scale) = (slice.Length, Ramp(slice.Length, 0.1f), Ramp(slice.Length, 1f));
        var seen = new SeenNumbers(slice, mean, scale, Ramp(width * Components, 0.01f), Ramp(Components, 0.1f), 1, 1);
        var head = new LinearHead(slice, mean, scale, Ramp(width * Classes, 0.01f), Ramp(Classes, 0), 1, seen);
        return HeadNumbers.Read(HeadGraph.Build(head, Names, embedding.Length), embedding.Length, Classes)!;
    }

    public static PolicyDecider Decider() => new(Names, Names[0], Policy);

    /// <summary>The head as a package in memory, with one canary that it passes.</summary>
    public static ModelPackage Package(EmbeddingSpec embedding)
    {
        var onnx = Build(embedding);
        var zero = new float[embedding.Length];
        using var head = HeadSession.Load(onnx, embedding.Length, Classes, RuntimeOptions.Default);
        var output = head.Run(zero);
        var sha = Convert.ToHexStringLower(SHA256.HashData(onnx));
        var manifest = new ModelManifest
        {
            ModelId = ModelIdentity.Compute(sha, embedding.Identity, Names, Names[0], 1),
            Classes = Names,
            GoodClass = Names[0],
            Embedding = embedding,
            HeadSha256 = sha,
            Temperature = 1,
            Canaries = [new(Convert.ToBase64String(new byte[2 * embedding.Length]), output.Probabilities.ToArray(), output.Distance)],
            OutOfFold = [],
            SnapshotSha256 = sha,
            Metrics = new Dictionary<string, double>(),
            CreatedAt = TimeProvider.System.GetUtcNow(),
            CreatedBy = "benchmark",
        };
        return new ModelPackage("benchmark", manifest, onnx, Policy, PolicyFile.Id(Policy));
    }

    private static DecisionPolicy Policy => new() { Thresholds = Names.ToDictionary(name => name, _ => 0.5), UnseenLimit = 3 };

    private static byte[] Build(EmbeddingSpec embedding)
    {
        var taken = embedding.Segments.Where(segment => segment.Name[..2] is "s5" or "s6").ToList();
        return Build(embedding.Length, taken[0].Offset, taken[^1].Offset + taken[^1].Length);
    }

    private static byte[] Build(int length, int start, int end)
    {
        var width = end - start;
        var graph = new GraphBuilder("head");
        graph.Input("embedding", DataType.Float, "N", length);
        var slice = graph.Node("Slice", "slice", ["embedding", Index("start", start), Index("end", end), Index("axis", 1)]);
        var centred = graph.Node("Sub", "centred", [slice, graph.Constant("mean", Ramp(width, 0.1f), width)]);
        var standard = graph.Node("Mul", "standard", [centred, graph.Constant("scale", Ramp(width, 1f), width)]);
        graph.Node("Gemm", "logits", [standard, graph.Constant("weights", Ramp(width * Classes, 0.01f), width, Classes), graph.Constant("bias", Ramp(Classes, 0), Classes)]);
        var cool = graph.Node("Mul", "cool", ["logits", graph.Constant("temperature", [0.7f])]);
        graph.Node("Softmax", "probabilities", [cool], Attributes.Int("axis", 1));
        graph.Node("ReduceL2", "distance", [standard], Attributes.Ints("axes", 1), Attributes.Int("keepdims", 0));
        graph.Output("logits", DataType.Float, "N", Classes);
        graph.Output("probabilities", DataType.Float, "N", Classes);
        graph.Output("distance", DataType.Float, "N");
        return graph.Build();

        string Index(string name, long value) => graph.Constant(name, [value], 1);
    }

    private static float[] Ramp(int count, float scale) => [.. Enumerable.Range(0, count).Select(i => scale * (1 + ((i % 7) - 3) / 10f))];
}
