using Testing.Files;

namespace Inference.Tests.Files;

public sealed class PowerCutFileSystemTests
{
    [Fact]
    public void CutPower_ContentUnsynced_IsGone()
    {
        using var directory = new TemporaryDirectory();
        var fs = new PowerCutFileSystem(directory.Path);
        using var file = fs.CreateNew(directory["a"]);
        file.Write("kept"u8);
        file.Sync();
        fs.SyncDirectory(directory.Path);
        file.Write(" lost"u8);
        fs.CutPower();
        Assert.Equal("kept", File.ReadAllText(directory["a"]));
        Assert.Throws<IOException>(() => file.Write("x"u8));
    }

    [Fact]
    public void CutPower_NameUnsynced_IsGone()
    {
        using var directory = new TemporaryDirectory();
        var fs = new PowerCutFileSystem(directory.Path);
        using (var file = fs.CreateNew(directory["a"]))
        {
            file.Write("x"u8);
            file.Sync();
        }

        fs.CutPower();
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public void CutPower_DirectoryRenamedUnsynced_KeepsOldName()
    {
        using var directory = new TemporaryDirectory();
        var fs = new PowerCutFileSystem(directory.Path);
        fs.CreateDirectory(directory["old"]);
        fs.Rename(directory["old"], directory["new"]);
        fs.CutPower();
        Assert.True(Directory.Exists(directory["old"]));
        fs.Rename(directory["old"], directory["new"]);
        fs.SyncDirectory(directory.Path);
        fs.CutPower();
        Assert.True(Directory.Exists(directory["new"]));
    }

    [Fact]
    public void CutPower_Torn_KeepsAPrefixOfTheTail()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            using var directory = new TemporaryDirectory();
            var fs = new PowerCutFileSystem(directory.Path);
            using var file = fs.CreateNew(directory["a"]);
            fs.SyncDirectory(directory.Path);
            file.Write("synced"u8);
            file.Sync();
            file.Write("tail"u8);
            fs.CutPower(new Random(seed));
            var left = File.ReadAllText(directory["a"]);
            Assert.StartsWith("synced", left, StringComparison.Ordinal);
            Assert.StartsWith(left, "syncedtail", StringComparison.Ordinal);
        }
    }
}
