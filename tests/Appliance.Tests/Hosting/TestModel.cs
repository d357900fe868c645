using System.Security.Cryptography;
using Inference.Embeddings;
using Inference.Files;
using Inference.Packages;

namespace Appliance.Tests.Hosting;

/// <summary>A package whose head reads the averages of red (ok) and green (scratch), and takes the embedding's length as distance.</summary>
internal static class TestModel
{
    public static readonly IReadOnlyList<string> Classes = ["ok", "scratch"];

    public static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name + ".onnx");

    /// <summary>[6] averages and maxima of a picture of one colour, red, green, blue from 0 to 1.</summary>
    public static float[] Colour(float red, float green, float blue) => [red, green, blue, red, green, blue];

    public static OutOfFoldPrediction Unseen(string sample, string part, string label, float ok) => new(sample, part, label, [ok, 1 - ok], 1);

    public static string Write(string directory, EmbeddingSpec embedding, double temperature = 2, IReadOnlyList<OutOfFoldPrediction>? outOfFold = null)
    {
        var head = File.ReadAllBytes(Fixture("head"));
        var sha = Convert.ToHexStringLower(SHA256.HashData(head));
        var manifest = new ModelManifest
        {
            ModelId = ModelIdentity.Compute(sha, embedding.Identity, Classes, "ok", temperature),
            Classes = Classes,
            GoodClass = "ok",
            Embedding = embedding,
            HeadSha256 = sha,
            Temperature = temperature,
            Canaries = [new Canary(Convert.ToBase64String(new byte[2 * embedding.Length]), [0.5f, 0.5f], 0)],
            OutOfFold = outOfFold ?? [],
            SnapshotSha256 = new string('0', 64),
            Metrics = new Dictionary<string, double> { ["macroF1"] = 0.9 },
            CreatedAt = DateTimeOffset.UnixEpoch,
            CreatedBy = "test",
        };
        Directory.CreateDirectory(Path.GetDirectoryName(directory)!);
        PackageWriter.Write(LinuxFileSystem.Instance, directory, manifest, head, new() { Thresholds = Classes.ToDictionary(c => c, _ => 0.5), UnseenLimit = 2 });
        return directory;
    }
}
