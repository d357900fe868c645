using Scenarios.Harness;

namespace Scenarios.BadInput;

/// <summary>Folders that are no data set, and weights that are none: for the demo, which plays them, and for the trainer, which learns from them.</summary>
public sealed class FolderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("folders-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("one", "good:2", "good")]
    [InlineData("empty", "good:2,scratch:0", "scratch")]
    [InlineData("case", "good:2,Scratch:2,scratch:2", "case only")]
    public async Task Folders_ThatAreNoDataSet_AreRefusedByDemoAndTrainer(string name, string classes, string reason)
    {
        var data = Path.Combine(folder, name);
        Fill(data, classes);

        var demo = await RunningProgram.RunAsync(Repository.Appliance, "demo", "--source", data, "--seconds", "1", "--json");
        var trainer = await RunningProgram.RunAsync(Repository.Trainer, "train", "--data", data, "--out", Path.Combine(folder, "model"));

        Refused(demo, data, reason);
        Refused(trainer, data, reason);
        Assert.False(Directory.Exists(Path.Combine(folder, "model")));
    }

    [Fact]
    public async Task Folders_ThatAreNotThere_AreNamed()
    {
        var data = Path.Combine(folder, "nowhere");

        Refused(await RunningProgram.RunAsync(Repository.Appliance, "demo", "--source", data, "--seconds", "1"), data, data);
        Refused(await RunningProgram.RunAsync(Repository.Trainer, "train", "--data", data, "--out", Path.Combine(folder, "model")), data, data);
    }

    [Theory]
    [InlineData("length", new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x7b, 0x7d })]
    [InlineData("json", new byte[] { 4, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x22, 0x61, 0x22 })]
    [InlineData("empty", new byte[0])]
    public async Task Weights_WithADamagedHeader_AreRefused(string name, byte[] content)
    {
        var weights = Path.Combine(folder, name + ".safetensors");
        await File.WriteAllBytesAsync(weights, content, TestContext.Current.CancellationToken);
        var output = Path.Combine(folder, "backbone.onnx");

        Refused(await RunningProgram.RunAsync(Repository.Trainer, "backbone", "--weights", weights, "--out", output), weights, weights);
        Assert.False(File.Exists(output));
    }

    private static void Refused((int Code, string Output) ended, string about, string reason)
    {
        Assert.Equal(1, ended.Code);
        Assert.Contains(about, ended.Output, StringComparison.Ordinal);
        Assert.Contains(reason, ended.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Output, StringComparison.Ordinal);
    }

    private static void Fill(string data, string classes)
    {
        var pictures = Directory.GetFiles(Path.Combine(Repository.MagneticTile(), "free"), "*.jpg").Order(StringComparer.Ordinal).ToList();
        foreach (var (name, count) in classes.Split(',').Select(c => c.Split(':')).Select(c => (c[0], int.Parse(c[1], System.Globalization.CultureInfo.InvariantCulture))))
        {
            var target = Directory.CreateDirectory(Path.Combine(data, name)).FullName;
            foreach (var picture in pictures.Take(count)) File.Copy(picture, Path.Combine(target, Path.GetFileName(picture)));
        }
    }
}
