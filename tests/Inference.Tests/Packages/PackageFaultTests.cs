using Inference.Files;
using Inference.Packages;
using Inference.Tests.Fixtures;
using Testing.Files;

namespace Inference.Tests.Packages;

/// <summary>Under its name a package is complete or absent, whatever fails and whenever the power goes.</summary>
public sealed class PackageFaultTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Write_EveryOperationFails_IsCompleteOrAbsent(bool keepFailing)
    {
        for (var n = 1; ; n++)
        {
            using var directory = new TemporaryDirectory();
            var fs = new FaultyFileSystem(LinuxFileSystem.Instance) { FailAt = n, KeepFailing = keepFailing, TornWrites = true };
            if (Record.Exception(() => Write(fs, directory["model"])) is not { } error)
            {
                Assert.InRange(n, 12, 30);
                return;
            }

            Assert.IsType<IOException>(error);
            AssertCompleteOrAbsent(directory["model"]);
            // No debris, while the process lives to sweep it up.
            Assert.DoesNotContain(Directory.GetFileSystemEntries(directory.Path), path => path != directory["model"]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Write_PowerCutAtEveryStep_IsCompleteOrAbsent(bool torn)
    {
        for (var n = 1; ; n++)
        {
            using var directory = new TemporaryDirectory();
            var power = new PowerCutFileSystem(directory.Path);
            var failed = Record.Exception(() => Write(new FaultyFileSystem(power) { FailAt = n, KeepFailing = true, TornWrites = true }, directory["model"]));
            power.CutPower(torn ? new Random(n) : null);
            AssertCompleteOrAbsent(directory["model"]);
            if (failed is not null) continue;
            // What was reported as written survives.
            TestPackage.AssertSame(TestPackage.Manifest(), PackageReader.Read(directory["model"]).Manifest);
            return;
        }
    }

    [Fact]
    public void Import_EveryOperationFailsThenPowerCut_IsCompletedByTheNextImport()
    {
        for (var n = 1; ; n++)
        {
            using var directory = new TemporaryDirectory();
            using var elsewhere = new TemporaryDirectory();
            var source = TestPackage.Write(elsewhere["model"]);
            var power = new PowerCutFileSystem(directory.Path);
            var fs = new FaultyFileSystem(power) { FailAt = n, TornWrites = true };
            var store = new ModelStore(fs, directory.Path);
            var failed = Record.Exception(() => store.Import(source));
            AssertListed(store, atMost: 1);
            fs.FailAt = 0;
            var id = store.Import(source);
            Assert.Equal(TestPackage.Manifest().ModelId, id);
            power.CutPower();
            TestPackage.AssertSame(TestPackage.Manifest(), store.Read(id).Manifest);
            AssertListed(store, atMost: 1);
            if (failed is null) return;
        }
    }

    [Fact]
    public void Import_PowerCutAtEveryStep_LeavesAStoreThatListsNothingBroken()
    {
        for (var n = 1; ; n++)
        {
            using var directory = new TemporaryDirectory();
            using var elsewhere = new TemporaryDirectory();
            var power = new PowerCutFileSystem(directory.Path);
            var store = new ModelStore(power, directory.Path);
            store.Import(TestPackage.Write(elsewhere["first"]));
            var dying = new ModelStore(new FaultyFileSystem(power) { FailAt = n, KeepFailing = true }, directory.Path);
            var failed = Record.Exception(() => dying.Import(TestPackage.Write(elsewhere["second"], "head-swapped")));
            power.CutPower(new Random(n));
            Assert.Equal(failed is null ? 2 : 1, AssertListed(store, atMost: 2));
            if (failed is null) return;
        }
    }

    private static void Write(IFileSystem fs, string directory) => PackageWriter.Write(fs, directory, TestPackage.Manifest(), Fixture.Bytes("head"), TestPackage.Policy);

    private static int AssertListed(ModelStore store, int atMost)
    {
        var listing = store.List();
        Assert.Empty(listing.Broken);
        Assert.InRange(listing.Models.Count, 0, atMost);
        return listing.Models.Count;
    }

    private static void AssertCompleteOrAbsent(string directory)
    {
        if (Path.Exists(directory)) TestPackage.AssertSame(TestPackage.Manifest(), PackageReader.Read(directory).Manifest);
    }
}
