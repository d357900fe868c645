using Trainer.DataSets;

namespace Trainer.Tests.DataSets;

public class FolderDataSetTests
{
    private readonly string folder = Directory.CreateTempSubdirectory("data").FullName;

    [Fact]
    public void Read_OneClass_Refuses() => AssertRefused("one class only", "good/a.png");

    [Fact]
    public void Read_ClassesThatDifferByCase_Refuses() => AssertRefused("differ by case only", "good/a.png", "Pit/a.png", "pit/b.png");

    [Fact]
    public void Read_EmptyClass_Refuses() => AssertRefused("'pit'", "good/a.png", "pit/readme.txt");

    [Fact]
    public void Read_PartsFileWithoutAPicture_Refuses()
    {
        File.WriteAllText(Path.Combine(folder, "parts.csv"), "file,class,part\ngood/a.png,good,1\n");
        AssertRefused("names no part for 1 pictures", "good/a.png", "pit/b.png");
    }

    [Fact]
    public void Read_PartsFile_GivesParts()
    {
        Put("good/a.png", "pit/b.png");
        File.WriteAllText(Path.Combine(folder, "parts.csv"), "file,class,part\ngood/a.png,good,p1\npit/b.png,pit,p2\n");

        Assert.Equal(["p1", "p2"], FolderDataSet.Read(folder, null).Photographs.Select(p => p.Part));
    }

    private void AssertRefused(string reason, params string[] files)
    {
        Put(files);
        Assert.Contains(reason, Assert.Throws<DataSetException>(() => FolderDataSet.Read(folder, null)).Message, StringComparison.Ordinal);
    }

    private void Put(params string[] files)
    {
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
            File.WriteAllBytes(Path.Combine(folder, file), [1]);
        }
    }
}
