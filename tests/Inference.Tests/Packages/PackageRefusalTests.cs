using System.Text;
using Inference.Packages;
using Inference.Tests.Fixtures;
using Testing.Files;

namespace Inference.Tests.Packages;

public sealed class PackageRefusalTests
{
    public static readonly TheoryData<string> Files = ["manifest.json", "head.onnx", "policy.json", "SHA256SUMS"];

    public static readonly TheoryData<string, long> Limits = new() { { "manifest.json", 64 << 20 }, { "head.onnx", 32 << 20 }, { "policy.json", 1 << 20 }, { "SHA256SUMS", 1 << 10 } };

    [Fact]
    public void Read_NoDirectory_SaysWhere() => Refused("/nowhere/model", "There is no model package at '/nowhere/model'");

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_FileMissing_SaysWhich(string name)
    {
        using var directory = new TemporaryDirectory();
        File.Delete(Path.Combine(TestPackage.Write(directory["model"]), name));
        Refused(directory["model"], $"has no {name}");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_FileIsADirectory_SaysWhich(string name)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(TestPackage.Write(directory["model"]), name);
        File.Delete(path);
        Directory.CreateDirectory(path);
        Refused(directory["model"], name);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_FileIsADevice_SaysWhich(string name)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(TestPackage.Write(directory["model"]), name);
        File.Delete(path);
        File.CreateSymbolicLink(path, "/dev/zero");
        Refused(directory["model"], name);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_EveryByteAltered_IsRefused(string name)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(TestPackage.Write(directory["model"]), name);
        var bytes = File.ReadAllBytes(path);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            File.WriteAllBytes(path, bytes);
            Refused(directory["model"], name);
            bytes[i] ^= 1;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_CutOff_IsRefused(string name)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(TestPackage.Write(directory["model"]), name);
        var whole = File.ReadAllBytes(path);
        foreach (var kept in (int[])[0, 1, whole.Length / 2, whole.Length - 1])
        {
            File.WriteAllBytes(path, whole[..kept]);
            Refused(directory["model"], name);
        }
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public void Read_TooLarge_IsNotEvenRead(string name, long limitBytes)
    {
        using var directory = new TemporaryDirectory();
        using (var file = File.OpenWrite(Path.Combine(TestPackage.Write(directory["model"]), name))) file.SetLength(limitBytes + 1);
        Refused(directory["model"], name, $"at most {limitBytes} are read");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Read_RandomDamage_IsRefusedOrTheSame(int seed)
    {
        using var directory = new TemporaryDirectory();
        TestPackage.Write(directory["model"]);
        string[] paths = [.. Files.Select(f => Path.Combine(directory["model"], f.Data))];
        byte[][] whole = [.. paths.Select(File.ReadAllBytes)];
        var random = new Random(seed);
        for (var i = 0; i < 300; i++)
        {
            var which = random.Next(paths.Length);
            byte[] bytes = [.. whole[which]];
            for (var flips = random.Next(1, 5); flips > 0; flips--) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(paths[which], bytes);
            if (!bytes.AsSpan().SequenceEqual(whole[which])) Assert.Throws<PackageException>(() => PackageReader.Read(directory["model"]));
            File.WriteAllBytes(paths[which], whole[which]);
        }

        TestPackage.AssertSame(TestPackage.Manifest(), PackageReader.Read(directory["model"]).Manifest);
    }

    // The sums are no signature: whoever writes them anew must still meet every check behind them.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Read_RandomForgery_NeverThrowsAnythingElse(int seed)
    {
        using var directory = new TemporaryDirectory();
        var random = new Random(seed);
        var letters = "0123456789-eE.,:{}[]\"\\nul x"u8.ToArray();
        var whole = Encoding.UTF8.GetBytes(TestPackage.Json(TestPackage.Manifest()));
        for (var i = 0; i < 300; i++)
        {
            byte[] bytes = [.. whole];
            for (var flips = random.Next(1, 4); flips > 0; flips--) bytes[random.Next(bytes.Length)] = letters[random.Next(letters.Length)];
            TestPackage.Forge(directory["model"], Encoding.UTF8.GetString(bytes));
            if (Record.Exception(() => PackageReader.Read(directory["model"])) is { } error) Assert.IsType<PackageException>(error);
        }
    }

    [Theory]
    [InlineData("\"schemaVersion\":1", "\"schemaVersion\":2", "is of version 2; this program reads up to 1. Use a newer appliance")]
    [InlineData("\"schemaVersion\":1", "\"schemaVersion\":99999999999", "is of version 99999999999")]
    [InlineData("\"schemaVersion\":1", "\"schemaVersion\":0", "schemaVersion is 0")]
    [InlineData("\"schemaVersion\":1", "\"schemaVersion\":\"1\"", "is not a manifest")]
    [InlineData("\"classes\":[\"ok\",\"scratch\"]", "\"classes\":null", "classes are 0")]
    [InlineData("\"classes\":[\"ok\",\"scratch\"]", "\"classes\":[\"ok\"]", "classes are 1")]
    [InlineData("\"classes\":[\"ok\",\"scratch\"]", "\"classes\":[\"ok\",null]", "a class has no name")]
    [InlineData("\"goodClass\":\"ok\"", "\"goodClass\":null", "the good class '' is none of ok, scratch")]
    [InlineData("\"createdBy\":\"trainer 0.1.0\"", "\"createdBy\":null", "null")]
    [InlineData("\"macroF1\":0.8125", "\"macroF1\":1e999", "the metric 'macroF1'")]
    [InlineData("\"temperature\":2", "\"temperature\":1e999", "temperature")]
    [InlineData("\"goodClass\":\"ok\"", "\"goodClass\":\"ok\",\"goodClass\":\"scratch\"", "is not a manifest")]
    [InlineData("\"goodClass\":\"ok\",", "", "goodClass")]
    [InlineData("\"schemaVersion\":1,", "", "schemaVersion")]
    [InlineData("\"widthPx\":8,", "", "widthPx")]
    [InlineData("\"embedding\":{", "\"embedding\":null,\"was\":{", "embedding names no backbone")]
    [InlineData("\"distance\":1.5", "\"distance\":1e999", "out-of-fold prediction of 'a.png'")]
    public void Read_ManifestForged_SaysWhatIsWrong(string from, string to, string said)
    {
        using var directory = new TemporaryDirectory();
        var json = TestPackage.Json(TestPackage.Manifest());
        Assert.Contains(from, json, StringComparison.Ordinal);
        Refused(TestPackage.Forge(directory["model"], json.Replace(from, to, StringComparison.Ordinal)), "manifest.json", said);
    }

    public static TheoryData<string, ModelManifest> Wrong()
    {
        var m = TestPackage.Manifest();
        var canary = m.Canaries[0];
        return new()
        {
            { "differ by case only", TestPackage.Identified(m with { Classes = ["ok", "OK"] }) },
            { "the good class 'fine' is none of ok, scratch", TestPackage.Identified(m with { GoodClass = "fine" }) },
            { "control characters", TestPackage.Identified(m with { Classes = ["ok", "a\nb"] }) },
            { "head, embedding, classes and temperature make model", m with { ModelId = new string('0', 64) } },
            { "head, embedding, classes and temperature make model", m with { ModelId = "../../x" } },
            { "head, embedding, classes and temperature make model", m with { Temperature = 3 } },
            { "head.onnx' was altered", m with { HeadSha256 = new string('0', 64) } },
            { "there are no canaries", m with { Canaries = [] } },
            { "canary 0 is no embedding of 6 half floats", m with { Canaries = [canary with { Embedding = TestPackage.Base64([1, 2, 3]) }] } },
            { "canary 0 is no embedding of 6 half floats", m with { Canaries = [canary with { Embedding = "?" }] } },
            { "canary 0 has no 2 probabilities", m with { Canaries = [canary with { Probabilities = [1] }] } },
            { "canary 0 has no 2 probabilities", m with { Canaries = [canary with { Probabilities = [2, -1] }] } },
            { "canary 0 is incomplete", m with { Canaries = [null!] } },
            { "out-of-fold prediction of 'a'", m with { OutOfFold = [new("a", "p", "ok", [1], 0)] } },
            { "gaps", TestPackage.Identified(m with { Embedding = m.Embedding with { Segments = [new("a", 0, 3), new("b", 4, 3)] } }) },
            { "too long", TestPackage.Identified(m with { Embedding = m.Embedding with { Segments = [new("a", 0, int.MaxValue)] } }) },
            { "names no backbone", TestPackage.Identified(m with { Embedding = m.Embedding with { Backbone = "../../../../etc/passwd" } }) },
        };
    }

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void Read_ManifestMakesNoSense_SaysWhy(string said, ModelManifest manifest)
    {
        using var directory = new TemporaryDirectory();
        Refused(TestPackage.Forge(directory["model"], manifest), said);
    }

    [Fact]
    public void Check_CanaryIsNotANumber_IsRefused()
    {
        var manifest = TestPackage.Manifest();
        foreach (var canary in (Canary[])[manifest.Canaries[0] with { Probabilities = [float.NaN, 1] }, manifest.Canaries[0] with { Distance = float.NaN }])
        {
            var error = Assert.Throws<PackageException>(() => PackageCheck.All("/m", manifest with { Canaries = [canary] }, Fixture.Bytes("head"), TestPackage.Policy));
            Assert.Contains("or NaN", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("null", "has no thresholds")]
    [InlineData("[]", "is no policy")]
    [InlineData("{", "is no JSON")]
    [InlineData("""{"schemaVersion":2}""", "is of version 2")]
    [InlineData("""{"schemaVersion":1,"unsureBand":0.1,"thresholds":null,"unseenLimit":1}""", "has no thresholds")]
    [InlineData("""{"schemaVersion":1,"unsureBand":0.1,"thresholds":{"ok":0.5,"scratch":0.5}}""", "unseenLimit")]
    [InlineData("""{"schemaVersion":1,"unsureBand":0.1,"thresholds":{"ok":0.5,"ok":0.9,"scratch":0.5},"unseenLimit":1}""", "is no policy")]
    [InlineData("""{"schemaVersion":1,"unsureBand":0.1,"thresholds":{"ok":0.5},"unseenLimit":1e999}""", "'scratch' has no threshold", "unseenLimit")]
    public void Read_PolicyForged_SaysWhatIsWrong(string policy, params string[] said)
    {
        using var directory = new TemporaryDirectory();
        Refused(TestPackage.Forge(directory["model"], TestPackage.Json(TestPackage.Manifest()), null, policy), ["policy.json", .. said]);
    }

    private static void Refused(string directory, params string[] said)
    {
        var error = Assert.Throws<PackageException>(() => PackageReader.Read(directory));
        Assert.All(said, words => Assert.Contains(words, error.Message, StringComparison.Ordinal));
    }
}
