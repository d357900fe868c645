using System.Security.Cryptography;
using Inference.Embeddings;
using Inference.Files;
using Inference.Heads;
using Inference.Packages;
using Inference.Runtime;

namespace Appliance.Tests.Hosting;

/// <summary>A package whose head reads the averages of red (ok) and green (scratch), and takes the embedding's length as distance.</summary>
internal static class TestModel
{
    public static readonly IReadOnlyList<string> Classes = ["ok", "scratch"];

    public static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name + ".onnx");

    /// <summary>[6] averages and maxima of a picture of one colour, red, green, blue from 0 to 1.</summary>
    public static float[] Colour(float red, float green, float blue) => [red, green, blue, red, green, blue];

    /// <summary>A head in the trainer's form, which can be explained: red speaks for ok, green for scratch.</summary>
    public const string Linear = "head-linear";

    /// <summary>A head whose run fails on what is green to a tenth or more.</summary>
    public const string Failing = "head-failing";

    public static OutOfFoldPrediction Unseen(string sample, string part, string label, float ok) => new(sample, part, label, [ok, 1 - ok], 1);

    public static string Write(string directory, EmbeddingSpec embedding, double temperature = 2, IReadOnlyList<OutOfFoldPrediction>? outOfFold = null, string fixture = "head", double unseenLimit = 2)
    {
        var head = File.ReadAllBytes(Fixture(fixture));
        var sha = Convert.ToHexStringLower(SHA256.HashData(head));
        var manifest = new ModelManifest
        {
            ModelId = ModelIdentity.Compute(sha, embedding.Identity, Classes, "ok", temperature),
            Classes = Classes,
            GoodClass = "ok",
            Embedding = embedding,
            HeadSha256 = sha,
            Temperature = temperature,
            Canaries = [fixture == Linear ? Dark(head, embedding) : new Canary(Convert.ToBase64String(new byte[2 * embedding.Length]), [0.5f, 0.5f], 0)],
            OutOfFold = outOfFold ?? [],
            SnapshotSha256 = new string('0', 64),
            Metrics = new Dictionary<string, double> { ["macroF1"] = 0.9 },
            CreatedAt = DateTimeOffset.UnixEpoch,
            CreatedBy = "test",
        };
        Directory.CreateDirectory(Path.GetDirectoryName(directory)!);
        PackageWriter.Write(LinuxFileSystem.Instance, directory, manifest, head, new() { Thresholds = Classes.ToDictionary(c => c, _ => 0.5), UnseenLimit = unseenLimit });
        return directory;
    }

    private static Canary Dark(byte[] onnx, EmbeddingSpec embedding)
    {
        using var head = HeadSession.Load(onnx, embedding.Length, Classes.Count, new RuntimeOptions { Threads = 1 });
        var said = head.Run(new float[embedding.Length]);
        return new(Convert.ToBase64String(new byte[2 * embedding.Length]), said.Probabilities.ToArray(), said.Distance);
    }
}
