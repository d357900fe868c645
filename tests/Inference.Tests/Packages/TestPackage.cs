using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Files;
using Inference.Packages;
using Inference.Preparation;
using Inference.Tests.Fixtures;

namespace Inference.Tests.Packages;

/// <summary>Packages around the small heads of the fixtures: <c>head</c> says <c>ok</c> where the first value is larger, <c>head-swapped</c> says <c>scratch</c>.</summary>
internal static class TestPackage
{
    public static readonly EmbeddingSpec Embedding = new(
        new string('a', 64), new PreparationSpec { WidthPx = 8, HeightPx = 6 }, [new("s1.avg", 0, 3), new("s1.max", 3, 3)]);

    public static readonly DecisionPolicy Policy = new()
    {
        Thresholds = new Dictionary<string, double> { ["ok"] = 0.6, ["scratch"] = 0.55 },
        UnsureBand = 0.1,
        UnseenLimit = 10,
    };

    public static readonly float[] LikeOk = [3, 1, 0, 0.5f, 0, 4];
    public static readonly float[] LikeScratch = [1, 4, 0, 0, -2, 0];

    public static ModelManifest Manifest(string fixture = "head") => Manifest(Fixture.Bytes(fixture), fixture == "head-swapped");

    public static ModelManifest Manifest(byte[] head, bool swapped = false) => Identified(new ModelManifest
    {
        ModelId = "",
        HeadSha256 = Convert.ToHexStringLower(SHA256.HashData(head)),
        Classes = ["ok", "scratch"],
        GoodClass = "ok",
        Embedding = Embedding,
        Temperature = 2,
        Canaries = [CanaryOf(LikeOk, swapped), CanaryOf(LikeScratch, swapped)],
        OutOfFold = [new("a.png", "part-1", "ok", [0.75f, 0.25f], 1.5f), new("b.png", "part-2", "scratch", [0.125f, 0.875f], 0.5f)],
        SnapshotSha256 = new string('b', 64),
        Metrics = new Dictionary<string, double> { ["macroF1"] = 0.8125, ["accuracy"] = 0.875 },
        Choices = ["stages s1: because there is no other"],
        CreatedAt = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        CreatedBy = "trainer 0.1.0",
        Parent = new string('c', 64),
    });

    /// <summary>With the model id that its members make.</summary>
    public static ModelManifest Identified(ModelManifest m) => m with { ModelId = ModelIdentity.Compute(m.HeadSha256, m.Embedding.Identity, m.Classes, m.GoodClass, m.Temperature) };

    /// <summary>What the fixture's formula gives, by other arithmetic than the head's.</summary>
    public static Canary CanaryOf(float[] embedding, bool swapped = false)
    {
        var first = 1 / (1 + Math.Exp((embedding[1] - embedding[0]) / 2));
        var ok = (float)(swapped ? 1 - first : first);
        return new(Base64(embedding), [ok, 1 - ok], (float)Math.Sqrt(embedding.Sum(v => (double)v * v)));
    }

    public static string Base64(IEnumerable<float> values) => Convert.ToBase64String([.. values.SelectMany(v => BitConverter.GetBytes((Half)v))]);

    public static string Write(string directory, string fixture = "head", DecisionPolicy? policy = null)
    {
        PackageWriter.Write(LinuxFileSystem.Instance, directory, Manifest(fixture), Fixture.Bytes(fixture), policy ?? Policy);
        return directory;
    }

    /// <summary>Writes whatever it is given, with the sums in order, as a forger would.</summary>
    public static string Forge(string directory, string manifest, byte[]? head = null, string? policy = null)
    {
        Directory.CreateDirectory(directory);
        (string Name, byte[] Bytes)[] files =
        [
            ("head.onnx", head ?? Fixture.Bytes("head")), ("manifest.json", Encoding.UTF8.GetBytes(manifest)),
            ("policy.json", policy is null ? PolicyFile.Serialize(Policy) : Encoding.UTF8.GetBytes(policy)),
        ];
        var sums = new StringBuilder();
        foreach (var (name, bytes) in files)
        {
            File.WriteAllBytes(Path.Combine(directory, name), bytes);
            sums.Append(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(SHA256.HashData(bytes))}  {name}\n");
        }

        File.WriteAllText(Path.Combine(directory, "SHA256SUMS"), sums.ToString());
        return directory;
    }

    public static string Forge(string directory, ModelManifest manifest, byte[]? head = null) => Forge(directory, Json(manifest), head);

    public static string Json(ModelManifest manifest) => JsonSerializer.Serialize(manifest, InferenceJson.Default.ModelManifest);

    public static void AssertSame(ModelManifest expected, ModelManifest actual) => Assert.Equal(Json(expected), Json(actual));
}
