using Scenarios.Harness;

namespace Scenarios.Deployment;

/// <summary>The package as package.sh builds it, once for all tests.</summary>
public sealed class DebianPackage : IAsyncLifetime
{
    internal string Path { get; private set; } = "";

    internal string Version => System.IO.Path.GetFileName(Path).Split('_')[1];

    /// <summary>What lies in it, unpacked.</summary>
    internal static string Stage => System.IO.Path.Combine(Repository.Root, "out/package/stage");

    public async ValueTask InitializeAsync() => Path = (await CleanRoot.DoneAsync(System.IO.Path.Combine(Repository.Root, "package.sh"))).Split('\n', StringSplitOptions.RemoveEmptyEntries).Last(l => l.EndsWith(".deb", StringComparison.Ordinal));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The same programs under the next version, with another default in the configuration file.</summary>
    internal async Task<string> NextAsync(string directory)
    {
        var tree = System.IO.Path.Combine(directory, "next");
        await CleanRoot.DoneAsync("/usr/bin/dpkg-deb", "-R", Path, tree);
        await ReplaceAsync(System.IO.Path.Combine(tree, "DEBIAN/control"), $"Version: {Version}", $"Version: {Version}.1");
        await ReplaceAsync(System.IO.Path.Combine(tree, "etc/inspection-appliance/appliance.json"), "\"OkShare\": 0.02", "\"OkShare\": 0.03");
        var package = System.IO.Path.Combine(directory, "next.deb");
        await CleanRoot.DoneAsync("/usr/bin/dpkg-deb", "--root-owner-group", "-Zzstd", "-z1", "--build", tree, package);
        Directory.Delete(tree, recursive: true);
        return package;
    }

    private static async Task ReplaceAsync(string file, string old, string replacement)
    {
        var text = await File.ReadAllTextAsync(file);
        Assert.Contains(old, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text.Replace(old, replacement, StringComparison.Ordinal));
    }
}

/// <summary>Tests of the package share one build of it.</summary>
[CollectionDefinition(nameof(OnePackage))]
public sealed class OnePackage : ICollectionFixture<DebianPackage>;
