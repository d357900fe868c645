using System.Globalization;
using System.Numerics.Tensors;
using Inference.Jobs;
using OpenCvSharp;
using Trainer.DataSets;
using Trainer.Heads;

namespace Benchmarks;

/// <summary>
/// How far embeddings of the default backbone lie from each other, relative to their length: copies of a picture, other exposures of a part, other parts (what is a near copy?); and how much nearer a part lies that stood
/// among the statistics of a head before it was labelled.
/// </summary>
internal static class DistancesBenchmark
{
    /// <summary>A quarter of the photographs is copied: enough for a percentile.</summary>
    private const int EveryNth = 4;

    private static readonly double[] Limits = [0.01, 0.02, 0.05, 0.1, 0.15];
    private static readonly double[] Quantiles = [0.01, 0.05, 0.5, 0.95, 0.99];

    public static Benchmark Entry { get; } = new("distances", "relative distance of embeddings: copies, exposures of a part, other parts; and of parts that stood in a head's statistics", Run);

    private static Task Run(BenchmarkArguments arguments)
    {
        var data = FolderDataSet.Read(Repository.MagneticTile, null);
        var copies = Directory.CreateTempSubdirectory("distances-").FullName;
        try
        {
            var drawn = DrawCopies(data, copies);
            var (tiles, altered) = BenchmarkNetworks.AtSize(BenchmarkNetworks.SizePx, path => (FolderEmbedder.Embed(data, path, null), FolderEmbedder.Embed(drawn, path, null)));
            Copies(tiles, altered);
            Statistics(tiles);
        }
        finally
        {
            Directory.Delete(copies, recursive: true);
        }

        return Task.CompletedTask;
    }

    private static void Copies(EmbeddedDataSet tiles, EmbeddedDataSet altered)
    {
        Console.WriteLine($"  {"",-44} {"n",6} {"1 %",7} {"5 %",7} {"median",7} {"95 %",7} {"99 %",7}  at most {string.Join("  ", Limits.Select(l => l.ToString("0.00", CultureInfo.InvariantCulture)))}");
        var place = tiles.Photographs.Select((p, i) => (p.File, i)).ToDictionary(p => p.File, p => p.i, StringComparer.Ordinal);
        foreach (var kind in altered.Photographs.Select((p, i) => (p.Class, Source: place[p.Part], Row: i)).GroupBy(p => p.Class))
            Print(kind.Key, kind.Select(c => Relative(Row(tiles, c.Source), Row(altered, c.Row))));
        var all = Enumerable.Range(0, tiles.Photographs.Count).ToList();
        Print("the nearest other exposure of its part", all.Select(i => Nearest(i, j => Part(j) == Part(i))).OfType<double>());
        Print("any other exposure of its part", all.SelectMany(i => all.Where(j => j > i && Part(j) == Part(i)).Select(j => Relative(Row(tiles, i), Row(tiles, j)))));
        Print("the nearest other part of its class", all.Select(i => Nearest(i, j => Part(j) != Part(i) && tiles.Photographs[j].Class == tiles.Photographs[i].Class)).OfType<double>());

        string Part(int i) => tiles.Photographs[i].Part;

        double? Nearest(int i, Func<int, bool> which) => all.Where(j => j != i && which(j)).Select(j => (double?)Relative(Row(tiles, i), Row(tiles, j))).Min();
    }

    // The same parts judged by two heads, which differ only in whether these stood among the pictures that they standardise by.
    private static void Statistics(EmbeddedDataSet tiles)
    {
        var parts = tiles.Photographs.Select(p => p.Part).Distinct(StringComparer.Ordinal).ToList();
        foreach (var labelled in new[] { 40, 80, 160 })
        {
            var chosen = parts.Where(p => Folds.Of(p) != 0).Take(labelled).ToHashSet(StringComparer.Ordinal);
            var later = Enumerable.Range(0, tiles.Photographs.Count).Where(i => Folds.Of(tiles.Photographs[i].Part) == 0).ToList();
            var trained = Enumerable.Range(0, tiles.Photographs.Count).Where(i => chosen.Contains(tiles.Photographs[i].Part)).ToList();
            var (without, with) = (Distances(tiles, trained, [], later), Distances(tiles, trained, later, later));
            var ratios = without.Of.Zip(with.Of, (a, b) => b / a).Order().ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {trained.Count} pictures of {labelled} parts labelled, {later.Count} later ones: distance where they stood in the statistics / where not: median {ratios[ratios.Count / 2]:0.000}, 5 to 95 % {ratios[ratios.Count / 20]:0.000} to {ratios[ratios.Count * 19 / 20]:0.000}; beyond the limit {with.Of.Count(d => d > with.Limit)} and {without.Of.Count(d => d > without.Limit)} (limit {with.Limit:0.00} and {without.Limit:0.00})"));
        }
    }

    private static (List<double> Of, double Limit) Distances(EmbeddedDataSet tiles, List<int> labelled, List<int> unlabelled, List<int> of)
    {
        int[] rows = [.. labelled, .. unlabelled];
        var set = new TrainingSet(
            tiles.Embedding, [.. rows.Select((r, i) => new TrainingSample(tiles.Photographs[r].File, tiles.Photographs[r].Part, i, i < labelled.Count ? tiles.Photographs[r].Class : null))],
            [.. rows.SelectMany(r => Row(tiles, r).ToArray())], "free");
        var head = HeadTrainer.Train(set);
        using var session = ParityGate.Open(HeadGraph.Build(head.Head, head.Classes, tiles.Embedding.Length), tiles.Embedding.Length, head.Classes.Count);
        return ([.. of.Select(r => (double)session.Run(Row(tiles, r)).Distance)], head.Policy.UnseenLimit);
    }

    // The class is the kind of the copy, the part the photograph that it is of.
    private static FolderDataSet DrawCopies(FolderDataSet data, string folder)
    {
        Cv2.SetTheRNG(5);
        var drawn = new List<Photograph>();
        foreach (var photograph in data.Photographs.Where((_, i) => i % EveryNth == 0))
        {
            using var picture = Cv2.ImRead(Path.Combine(data.Folder, photograph.File));
            using var noise = new Mat(picture.Size(), MatType.CV_16SC3);
            using var noisy = new Mat();
            Cv2.Randn(noise, Scalar.All(0), Scalar.All(2));
            Cv2.Add(picture, noise, noisy, dtype: (int)MatType.CV_8UC3);
            Write(noisy, "noise of 2 grey levels (drawn)");
            foreach (var shift in new[] { 1, 4 })
            {
                using var moved = new Mat();
                using var by = Mat.FromArray(new double[,] { { 1, 0, shift }, { 0, 1, shift } });
                Cv2.WarpAffine(picture, moved, by, picture.Size(), InterpolationFlags.Linear, BorderTypes.Reflect);
                Write(moved, $"moved by {shift} pixels both ways (drawn)");
            }

            using var brighter = new Mat();
            picture.ConvertTo(brighter, -1, 1.05);
            Write(brighter, "5 % brighter (drawn)");

            void Write(Mat copy, string kind)
            {
                var file = $"{drawn.Count}.png";
                Cv2.ImWrite(Path.Combine(folder, file), copy);
                drawn.Add(new(file, kind, photograph.File));
            }
        }

        return new(folder, [.. drawn.Select(d => d.Class).Distinct()], drawn);
    }

    private static double Relative(ReadOnlySpan<float> one, ReadOnlySpan<float> other) => TensorPrimitives.Distance(one, other) / Math.Max(TensorPrimitives.Norm(one), TensorPrimitives.Norm(other));

    private static ReadOnlySpan<float> Row(EmbeddedDataSet set, int row) => set.Values.AsSpan(row * set.Embedding.Length, set.Embedding.Length);

    private static void Print(string name, IEnumerable<double> distances)
    {
        var sorted = distances.Order().ToList();
        var quantiles = string.Join(' ', Quantiles.Select(q => sorted[(int)(q * (sorted.Count - 1))].ToString("0.000", CultureInfo.InvariantCulture).PadLeft(7)));
        var shares = string.Join(' ', Limits.Select(l => (sorted.Count(d => d <= l) / (double)sorted.Count).ToString("0 %", CultureInfo.InvariantCulture).PadLeft(5)));
        Console.WriteLine($"  {name,-44} {sorted.Count,6} {quantiles}         {shares}");
    }
}
