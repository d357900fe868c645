using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Scenarios.Deployment;

/// <summary>The bill of materials against what the package really holds.</summary>
[Collection(nameof(OnePackage))]
public sealed class SbomTests(DebianPackage package)
{
    private static readonly string Programs = Path.Combine(DebianPackage.Stage, "usr/lib/inspection-appliance");

    [Fact]
    public async Task Sbom_EveryShippedLibrary_IsNamedWithItsHash()
    {
        var files = Components(await ReadAsync()).Where(c => c["hashes"] is not null && (string?)c["type"] is "file" or "machine-learning-model").Select(c => (string)c["hashes"]![0]!["content"]!).ToHashSet();
        string[] kinds = [".dll", ".so", ".onnx"];
        var shipped = Directory.GetFiles(Programs, "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).LinkTarget is null && (kinds.Contains(Path.GetExtension(f)) || f.Contains(".so.", StringComparison.Ordinal))).ToList();

        Assert.True(shipped.Count > 300);
        Assert.DoesNotContain(shipped, f => !files.Contains(Hash(f)));
    }

    [Fact]
    public async Task Sbom_EveryComponent_HasVersionLicenceAndAddress()
    {
        var sbom = await ReadAsync();
        var libraries = sbom["components"]!.AsArray().Where(c => (string?)c!["type"] == "library").ToList();

        Assert.Equal("CycloneDX", (string?)sbom["bomFormat"]);
        Assert.Equal(package.Version, (string?)sbom["metadata"]!["component"]!["version"]);
        Assert.All(libraries, c =>
        {
            Assert.Equal($"pkg:nuget/{c!["name"]}@{c["version"]}", (string?)c["purl"]);
            Assert.NotEmpty(c["licenses"]!.AsArray());
            Assert.Equal(128, ((string)c["hashes"]![0]!["content"]!).Length);
        });
        // What matters most when a weakness is published.
        Assert.Superset(
            new HashSet<string>(["LiteDB", "MQTTnet", "OpenCvSharp4", "OpenCV", "FFmpeg", "ONNX Runtime", "libtorch", "TorchSharp", "Microsoft.NETCore.App.Runtime.linux-x64", "Microsoft.AspNetCore.App.Runtime.linux-x64"]),
            Components(sbom).Select(c => (string)c["name"]!).ToHashSet());
    }

    [Fact]
    public async Task Sbom_References_AreUniqueAndResolve()
    {
        var sbom = await ReadAsync();
        var references = Components(sbom).Select(c => (string?)c["bom-ref"]).OfType<string>().ToList();

        Assert.Equal(references.Count, references.Distinct().Count());
        Assert.All(sbom["dependencies"]!.AsArray(), d => Assert.All(d!["dependsOn"]!.AsArray().Select(o => (string)o!).Append((string)d["ref"]!), r => Assert.Contains(r, references)));
    }

    private static async Task<JsonNode> ReadAsync() => JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(DebianPackage.Stage, "usr/share/doc/inspection-appliance/sbom.cdx.json")))!;

    // With those inside others.
    private static IEnumerable<JsonNode> Components(JsonNode node) => (node["components"]?.AsArray() ?? []).SelectMany(c => Components(c!).Prepend(c!));

    private static string Hash(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
