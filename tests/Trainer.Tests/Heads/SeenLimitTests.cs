using Inference.Jobs;
using OpenCvSharp;
using Trainer.DataSets;
using Trainer.Heads;

namespace Trainer.Tests.Heads;

/// <summary>On real parts and the default backbone: what is no part lies beyond the limit, parts that were not seen do not.</summary>
public sealed class SeenLimitTests : IDisposable
{
    private const int PerClass = 60;
    private readonly string folder = Directory.CreateTempSubdirectory("seen").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Distance_RealPartsAndForeignPictures_TellsThemApart()
    {
        var photographs = Path.GetDirectoryName(Shared.File("data/magnetic-tile/parts.csv"))!;
        var all = FolderDataSet.Read(photographs, null);
        var tiles = Embed(all with { Photographs = [.. all.Photographs.GroupBy(p => p.Class).SelectMany(g => g.Take(PerClass))] });
        var seen = Enumerable.Range(0, tiles.Photographs.Count).Where(i => Folds.Of(tiles.Photographs[i].Part) != 0).ToList();
        var set = new TrainingSet(
            tiles.Embedding, [.. seen.Select((r, i) => new TrainingSample(tiles.Photographs[r].File, tiles.Photographs[r].Part, i, tiles.Photographs[r].Class))],
            [.. seen.SelectMany(r => Row(tiles, r))], "free");
        // Whatever the head reads: the last stage alone takes a grey picture for a tile.
        var head = HeadTrainer.Train(set, slice: HeadSlice.LastAverage(tiles.Embedding));
        using var session = ParityGate.Open(HeadGraph.Build(head.Head, head.Classes, tiles.Embedding.Length), tiles.Embedding.Length, head.Classes.Count);
        var limit = head.Policy.UnseenLimit;

        var held = Enumerable.Range(0, tiles.Photographs.Count).Except(seen).Where(r => tiles.Photographs[r].Class == "free")
            .Select(r => (double)session.Run(Row(tiles, r)).Distance).ToList();
        Assert.True(held.Count(d => d <= limit) > 0.95 * held.Count, $"{held.Count(d => d > limit)} of {held.Count} good parts lie beyond {limit}");
        var foreign = Embed(new(folder, ["foreign"], [.. DrawForeign().Select(f => new Photograph(f, "foreign", f))]));
        Assert.All(Enumerable.Range(0, foreign.Photographs.Count), i =>
        {
            var distance = session.Run(Row(foreign, i)).Distance;
            Assert.True(distance > limit, $"{foreign.Photographs[i].File} lies at {distance}, within {limit}");
        });
    }

    private static EmbeddedDataSet Embed(FolderDataSet data) =>
        FolderEmbedder.Embed(data, Path.Combine(Shared.RepositoryRoot, "out/trainer/backbones/efficientnet_lite0-320.onnx"), null);

    private static float[] Row(EmbeddedDataSet data, int row) => data.Values.AsSpan(row * data.Embedding.Length, data.Embedding.Length).ToArray();

    // A lens cap, fog, snow, and a page hung upside down.
    private IEnumerable<string> DrawForeign()
    {
        Cv2.SetTheRNG(3);
        using var black = new Mat(300, 300, MatType.CV_8UC3, Scalar.All(0));
        using var grey = new Mat(300, 300, MatType.CV_8UC3, Scalar.All(128));
        using var noise = new Mat(300, 300, MatType.CV_8UC3);
        Cv2.Randu(noise, Scalar.All(0), Scalar.All(256));
        using var page = new Mat(300, 400, MatType.CV_8UC3, Scalar.All(240));
        for (var line = 0; line < 8; line++) Cv2.PutText(page, $"Inspection order 471{line}", new Point(5, 35 + line * 34), HersheyFonts.HersheySimplex, 0.9, Scalar.All(20), 2);
        Cv2.Flip(page, page, FlipMode.XY);
        foreach (var (name, picture) in new[] { ("black.png", black), ("grey.png", grey), ("noise.png", noise), ("page.png", page) })
        {
            Cv2.ImWrite(Path.Combine(folder, name), picture);
            yield return name;
        }
    }
}
