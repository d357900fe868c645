using System.Globalization;
using Inference.Backbones;
using Inference.Evidence;
using Inference.Jobs;
using Inference.Preparation;
using Inference.Runtime;
using OpenCvSharp;
using Trainer.DataSets;
using Trainer.Heads;

namespace Trainer.Tests.Evidence;

/// <summary>Real tiles with one compact blowhole each: a head that has seen no picture of the tile must point at it, and what its places say must add up.</summary>
public sealed class BlowholeEvidenceTests(ITestOutputHelper output)
{
    private const int PerClass = 60;
    private const string Blowhole = "blowhole";
    private const string Free = "free";

    private static string Backbone => Path.Combine(Shared.RepositoryRoot, "out/trainer/backbones/efficientnet_lite0-320.onnx");

    [Fact]
    public void Explain_TilesWithOneBlowhole_PointsAtItAndAddsUp()
    {
        var data = FolderDataSet.Read(Path.GetDirectoryName(Shared.File("data/magnetic-tile/parts.csv"))!, null);
        var taken = data.Photographs.GroupBy(p => p.Class).SelectMany(g => g.Take(g.Key == Blowhole ? int.MaxValue : PerClass));
        var embedded = FolderEmbedder.Embed(data with { Photographs = [.. taken] }, Backbone, null);
        using var backbone = BackboneSession.Load(Backbone, null, RuntimeOptions.Default);
        using var preparer = new ImagePreparer(backbone.Embedding.Preparation);
        List<(string Tile, bool Hit, double Chance)> pointed = [];
        for (var fold = 0; fold < MarkedBlowhole.Folds; fold++)
        {
            var unseen = MarkedBlowhole.All.Where(m => m.Fold == fold).ToList();
            var head = Train(embedded, [.. unseen.Select(m => m.Picture)]);
            var onnx = HeadGraph.Build(head.Head, head.Classes, embedded.Embedding.Length);
            using var session = ParityGate.Open(onnx, embedded.Embedding.Length, head.Classes.Count);
            var numbers = HeadNumbers.Read(onnx, embedded.Embedding.Length, head.Classes.Count)!;
            var (of, against) = (head.Classes.ToList().IndexOf(Blowhole), head.Classes.ToList().IndexOf(Free));
            foreach (var mark in unseen)
            {
                using var picture = PictureDecoder.Decode(File.ReadAllBytes(Path.Combine(data.Folder, mark.Picture))).Picture!;
                Assert.True(preparer.Prepare(picture, backbone.InputBuffer).Succeeded);
                backbone.Run();
                var said = session.Run(backbone.EmbeddingValues);

                var map = Explain(numbers.LogitDifference(of, against), backbone, picture);
                var distance = Explain(numbers.SquaredDistance(backbone.EmbeddingValues), backbone, picture);

                Assert.Equal(said.Logits[of] - said.Logits[against], map.Score, 1e-3f);
                Assert.Equal(said.Distance * said.Distance, distance.Score, 1e-3f * said.Distance * said.Distance);
                Assert.Equal(0, distance.Bias);
                pointed.Add((mark.Tile, mark.IsPointedAtBy(map, out var chance), chance));
                output.WriteLine($"{mark.Picture} {(pointed[^1].Hit ? "hit" : "missed")}, by chance {chance:0.000}");
            }
        }

        // Pictures of one tile are no independent trials: a tile counts once, and only where most of its pictures hit.
        var tiles = pointed.GroupBy(p => p.Tile).Select(g => 2 * g.Count(p => p.Hit) > g.Count()).ToList();
        var (hits, chanceAtMost) = (tiles.Count(hit => hit), pointed.Max(p => p.Chance));
        output.WriteLine($"{pointed.Count(p => p.Hit)} of {pointed.Count} pictures (by chance {pointed.Sum(p => p.Chance):0.0}), {hits} of {tiles.Count} tiles");
        var byChance = Enumerable.Range(hits, tiles.Count - hits + 1).Sum(k => Binomial(tiles.Count, k, chanceAtMost));
        Assert.True(byChance < 1e-9, string.Create(CultureInfo.InvariantCulture, $"{hits} of {tiles.Count} tiles; at {chanceAtMost:0.000} each, chance gives that with {byChance:g2}"));
    }

    private static EvidenceMap Explain(LinearForm form, BackboneSession backbone, Mat picture) => EvidenceMap.Make(
        Blowhole, Free, form.Bias, Attribution.Explain(form, backbone.Embedding, backbone.Maps, backbone.MapValues)!, new Region(0, 0, picture.Width, picture.Height));

    // Without any picture of the parts that the unseen ones belong to.
    private static TrainedHead Train(EmbeddedDataSet all, HashSet<string> unseen)
    {
        var parts = all.Photographs.Where(p => unseen.Contains(p.File)).Select(p => p.Part).ToHashSet();
        var rows = Enumerable.Range(0, all.Photographs.Count).Where(i => !parts.Contains(all.Photographs[i].Part)).ToList();
        return HeadTrainer.Train(new(
            all.Embedding, [.. rows.Select((r, i) => new TrainingSample(all.Photographs[r].File, all.Photographs[r].Part, i, all.Photographs[r].Class))],
            [.. rows.SelectMany(r => all.Values.AsSpan(r * all.Embedding.Length, all.Embedding.Length).ToArray())], Free));
    }

    private static double Binomial(int n, int k, double p)
    {
        double ways = 1;
        for (var i = 0; i < k; i++) ways *= (double)(n - i) / (i + 1);
        return ways * Math.Pow(p, k) * Math.Pow(1 - p, n - k);
    }
}
