using Inference.Files;
using Testing.Files;

namespace Inference.Tests.Files;

public sealed class LinuxFileSystemTests
{
    private readonly LinuxFileSystem fs = LinuxFileSystem.Instance;

    [Fact]
    public void OpenAppend_TwoOpenings_AppendsAfterWhatIsThere()
    {
        using var directory = new TemporaryDirectory();
        using (var file = fs.OpenAppend(directory["a"])) file.Write("one "u8);
        using (var file = fs.OpenAppend(directory["a"]))
        {
            Assert.Equal(4, file.LengthBytes);
            file.Write("two"u8);
            file.Sync();
            Assert.Equal(7, file.LengthBytes);
        }

        Assert.Equal("one two", File.ReadAllText(directory["a"]));
    }

    [Fact]
    public void Truncate_ThenWrite_ContinuesAtTheCut()
    {
        using var directory = new TemporaryDirectory();
        using var file = fs.CreateNew(directory["a"]);
        file.Write("good|torn"u8);
        file.Truncate(5);
        file.Write("next"u8);
        Assert.Equal("good|next", File.ReadAllText(directory["a"]));
    }

    [Fact]
    public void CreateNew_FileIsThere_SaysWhich()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["a"], "x");
        var error = Assert.Throws<IOException>(() => fs.CreateNew(directory["a"]));
        Assert.Contains(directory["a"], error.Message, StringComparison.Ordinal);
        Assert.Equal("x", File.ReadAllText(directory["a"]));
    }

    [Fact]
    public void OpenAppend_DirectoryMissing_SaysWhichAndWhy()
    {
        using var directory = new TemporaryDirectory();
        var error = Assert.Throws<IOException>(() => fs.OpenAppend(directory["no/such"]));
        Assert.Contains("no/such", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, error.HResult);
    }

    [Fact]
    public void Write_FullDisk_ErrorCarriesErrno()
    {
        using var file = fs.OpenAppend("/dev/full");
        Assert.Equal(28, Assert.Throws<IOException>(() => file.Write("x"u8)).HResult);
    }

    [Fact]
    public void Rename_Directory_MovesItWhole()
    {
        using var directory = new TemporaryDirectory();
        fs.CreateDirectory(directory["a/b"]);
        File.WriteAllText(directory["a/b/c"], "x");
        fs.Rename(directory["a"], directory["d"]);
        fs.SyncDirectory(directory.Path);
        Assert.Equal("x", File.ReadAllText(directory["d/b/c"]));
    }

    [Fact]
    public void Delete_Missing_IsNoError()
    {
        using var directory = new TemporaryDirectory();
        fs.Delete(directory["a"]);
    }
}
