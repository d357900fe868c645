using System.Diagnostics;
using System.Globalization;
using Inference.Jobs;
using Trainer.DataSets;
using Trainer.Evaluation;
using Trainer.Heads;

namespace Benchmarks;

/// <summary>
/// Macro-F1 on unseen magnetic-tile parts: our head at 320 against logistic regression on the last average at 224 and at 320. Five folds by
/// part, dealt anew by each seed; the same folds for all; the difference with a 95 % interval resampled by part.
/// </summary>
internal static class AccuracyBenchmark
{
    public static Benchmark Entry { get; } = new("accuracy", "macro-F1 of the head against the usual one on unseen parts [--seeds 10]", Run);

    private static Task Run(BenchmarkArguments arguments)
    {
        var data = FolderDataSet.Read(Repository.MagneticTile, null);
        var large = BenchmarkNetworks.AtSize(320, path => FolderEmbedder.Embed(data, path, null));
        var small = BenchmarkNetworks.AtSize(224, path => FolderEmbedder.Embed(data, path, null));
        var seeds = arguments.Number("seeds", 10);
        Method[] methods =
        [
            new("head, slice by rule, 320", large, null),
            new("last average, 224", small, HeadSlice.LastAverage(small.Embedding)),
            new("last average, 320", large, HeadSlice.LastAverage(large.Embedding)),
        ];
        var results = methods.Select(m => Score(m, seeds)).ToList();
        var parts = data.Photographs.Select(p => p.Part).ToList();
        var classes = data.Classes;
        var truth = data.Photographs.Select(p => classes.ToList().IndexOf(p.Class)).ToList();
        foreach (var (method, predicted) in methods.Zip(results))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{method.Name,-28} macro-F1 {predicted.Average(p => MacroF1(p, null)):0.000} over {seeds} seeds ({string.Join(' ', predicted.Select(p => MacroF1(p, null).ToString("0.000", CultureInfo.InvariantCulture)))})"));
        foreach (var i in Enumerable.Range(1, methods.Length - 1))
        {
            var differences = new PartBootstrap(parts).Weights().Select(w => results[0].Average(p => MacroF1(p, w)) - results[i].Average(p => MacroF1(p, w)));
            var interval = PartBootstrap.Middle(differences);
            var difference = results[0].Average(p => MacroF1(p, null)) - results[i].Average(p => MacroF1(p, null));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"head minus {methods[i].Name}: {difference:+0.000;-0.000} [{interval.Low:+0.000;-0.000}, {interval.High:+0.000;-0.000}]"));
        }

        return Task.CompletedTask;

        double MacroF1(int[] predicted, int[]? weights) => new ConfusionMatrix(classes, truth, predicted, weights).MacroF1;
    }

    private static List<int[]> Score(Method method, int seeds)
    {
        var started = Stopwatch.GetTimestamp();
        var photographs = method.Data.Photographs;
        var classes = photographs.Select(p => p.Class).Distinct().Order(StringComparer.Ordinal).ToList();
        var results = new List<int[]>();
        for (var seed = 1; seed <= seeds; seed++)
        {
            var fold = photographs.Select(p => Folds.Of(string.Create(CultureInfo.InvariantCulture, $"{seed}:{p.Part}"))).ToArray();
            var predicted = new int[photographs.Count];
            for (var f = 0; f < Folds.Count; f++)
            {
                var rows = Enumerable.Range(0, photographs.Count).Where(i => fold[i] != f).ToList();
                var length = method.Data.Embedding.Length;
                var values = rows.SelectMany(r => method.Data.Values.AsSpan(r * length, length).ToArray()).ToArray();
                var set = new TrainingSet(
                    method.Data.Embedding, [.. rows.Select((r, i) => new TrainingSample(photographs[r].File, photographs[r].Part, i, photographs[r].Class))], values, "free");
                var head = HeadTrainer.Train(set, seed, slice: method.Slice);
                for (var i = 0; i < photographs.Count; i++)
                    if (fold[i] == f) predicted[i] = classes.IndexOf(head.Classes[Best(head.Head, method.Data.Values.AsSpan(i * length, length))]);
            }

            results.Add(predicted);
        }

        Console.Error.WriteLine($"{method.Name}: {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
        return results;
    }

    private static int Best(LinearHead head, ReadOnlySpan<float> embedding)
    {
        var logits = head.Bias.ToArray();
        var columns = head.Slice.Columns;
        for (var j = 0; j < columns.Length; j++)
        {
            var value = (embedding[(int)columns[j]] - head.Mean[j]) * head.Scale[j];
            for (var c = 0; c < logits.Length; c++) logits[c] += value * head.Weights[j * logits.Length + c];
        }

        return Array.IndexOf(logits, logits.Max());
    }

    private sealed record Method(string Name, EmbeddedDataSet Data, HeadSlice? Slice);
}
