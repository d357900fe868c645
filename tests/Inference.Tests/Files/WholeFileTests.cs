using Inference.Files;
using Testing.Files;

namespace Inference.Tests.Files;

public sealed class WholeFileTests
{
    [Fact]
    public void Write_PowerCutAfterwards_IsThere()
    {
        using var directory = new TemporaryDirectory();
        var fs = new PowerCutFileSystem(directory.Path);
        WholeFile.Write(fs, directory["a"], "old"u8);
        WholeFile.Write(fs, directory["a"], "new"u8);
        fs.CutPower();
        Assert.Equal("new", File.ReadAllText(directory["a"]));
        Assert.Single(Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public void Write_EveryOperationFails_OldOrNewNeverBetween()
    {
        for (var n = 1; ; n++)
        {
            using var directory = new TemporaryDirectory();
            var power = new PowerCutFileSystem(directory.Path);
            WholeFile.Write(power, directory["a"], "old content"u8);
            var fs = new FaultyFileSystem(power) { FailAt = n, TornWrites = true };
            var failed = Record.Exception(() => WholeFile.Write(fs, directory["a"], "new"u8));
            if (failed is null)
            {
                Assert.True(n > 4, "Create, write, sync, rename and sync of the directory are five operations.");
                return;
            }

            Assert.IsType<IOException>(failed);
            Assert.Contains(File.ReadAllText(directory["a"]), new[] { "old content", "new" });
            power.CutPower();
            Assert.Equal("old content", File.ReadAllText(directory["a"]));
        }
    }
}
