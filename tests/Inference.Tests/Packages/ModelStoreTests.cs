using System.Security.Cryptography;
using Inference.Files;
using Inference.Packages;
using Inference.Tests.Fixtures;
using Testing.Files;

namespace Inference.Tests.Packages;

public sealed class ModelStoreTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly ModelStore store;

    public ModelStoreTests() => store = new ModelStore(LinuxFileSystem.Instance, directory["state"]);

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Import_TwoModels_AreReadAndListed()
    {
        Assert.Empty(store.List().Models);

        string[] ids = [store.Import(TestPackage.Write(directory["a"])), store.Import(TestPackage.Write(directory["b"], "head-swapped"))];

        Assert.Equal([TestPackage.Manifest().ModelId, TestPackage.Manifest("head-swapped").ModelId], ids);
        Assert.Equal(ids.Order(StringComparer.Ordinal), store.List().Models.Select(m => m.ModelId));
        TestPackage.AssertSame(TestPackage.Manifest("head-swapped"), store.Read(ids[1]).Manifest);
    }

    [Fact]
    public void Import_Again_KeepsWhatIsThere()
    {
        var id = store.Import(TestPackage.Write(directory["a"]));
        var before = File.GetLastWriteTimeUtc(Path.Combine(Stored(id), "manifest.json"));

        Assert.Equal(id, store.Import(directory["a"]));

        Assert.Equal(before, File.GetLastWriteTimeUtc(Path.Combine(Stored(id), "manifest.json")));
    }

    [Fact]
    public void Import_SameModelWithAnotherPolicy_IsRefusedAndNotPassedOver()
    {
        var id = store.Import(TestPackage.Write(directory["a"]));
        TestPackage.Write(directory["b"], policy: TestPackage.Policy with { UnsureBand = 0.3 });

        var error = Assert.Throws<PackageException>(() => store.Import(directory["b"]));

        Assert.Contains($"Model {id} is there already with policy", error.Message, StringComparison.Ordinal);
        Assert.Equal(0.1, store.Read(id).Policy.UnsureBand);
    }

    [Theory]
    [InlineData("head.onnx")]
    [InlineData("manifest.json")]
    public void Import_StoredOneIsDamaged_GivesWay(string name)
    {
        var id = store.Import(TestPackage.Write(directory["a"]));
        File.AppendAllText(Path.Combine(Stored(id), name), "x");
        Assert.Contains(name, Assert.Single(store.List().Broken).Message, StringComparison.Ordinal);

        Assert.Equal(id, store.Import(directory["a"]));

        Assert.Empty(store.List().Broken);
        Assert.Equal(id, store.Read(id).ModelId);
    }

    [Fact]
    public void Import_RefusedPackage_LeavesNothing()
    {
        File.AppendAllText(Path.Combine(TestPackage.Write(directory["a"]), "policy.json"), " ");

        Assert.Throws<PackageException>(() => store.Import(directory["a"]));

        Assert.False(Directory.Exists(directory["state"]));
    }

    [Fact]
    public async Task Import_ManyThreads_AgreeOnOne()
    {
        TestPackage.Write(directory["a"]);

        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => store.Import(directory["a"]))));

        Assert.Single(ids.Distinct());
        Assert.Single(Directory.GetFileSystemEntries(directory["state/models"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("../../../../../../../../../../../../../../../../../../../../../etc")]
    [InlineData("/etc")]
    [InlineData("ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789")]
    [InlineData("..aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Read_IdIsNoHash_NeverBecomesAPath(string id)
    {
        TestPackage.Write(directory["x"]);

        Assert.Contains("is no model id", Assert.Throws<PackageException>(() => store.Read(id)).Message, StringComparison.Ordinal);
        Assert.Contains("is no backbone id", Assert.Throws<PackageException>(() => store.BackbonePath(id)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_UnknownId_SaysWhatShowsTheKnownOnes() =>
        Assert.Contains("'appliance models list'", Assert.Throws<PackageException>(() => store.Read(new string('0', 64))).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_PackageUnderAnotherId_IsRefusedAlsoInTheList()
    {
        var id = new string('0', 64);
        Directory.CreateDirectory(directory["state/models"]);
        TestPackage.Write(Stored(id));

        Assert.Contains("holds model", Assert.Throws<PackageException>(() => store.Read(id)).Message, StringComparison.Ordinal);
        Assert.Empty(store.List().Models);
        Assert.Single(store.List().Broken);
    }

    [Fact]
    public void AddBackbone_File_IsFoundByItsHash()
    {
        var sha = store.AddBackbone(Fixture.Path("backbone"));

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Fixture.Bytes("backbone"))), sha);
        Assert.Equal(Fixture.Bytes("backbone"), File.ReadAllBytes(store.BackbonePath(sha)));
        Assert.Equal(sha, store.AddBackbone(store.BackbonePath(sha)));
    }

    [Fact]
    public void BackbonePath_Altered_IsRefused()
    {
        var sha = store.AddBackbone(Fixture.Path("backbone"));
        var path = store.BackbonePath(sha);
        File.AppendAllText(path, "x");

        Assert.Contains("was altered", Assert.Throws<PackageException>(() => store.BackbonePath(sha)).Message, StringComparison.Ordinal);
        Assert.Equal(sha, store.AddBackbone(Fixture.Path("backbone")));
        Assert.Equal(path, store.BackbonePath(sha));
    }

    [Fact]
    public void AddBackbone_NoFile_SaysWhatMakesOne() =>
        Assert.Contains("'trainer backbone'", Assert.Throws<PackageException>(() => store.AddBackbone(directory["none"])).Message, StringComparison.Ordinal);

    private string Stored(string id) => Path.Combine(directory["state/models"], id);
}
