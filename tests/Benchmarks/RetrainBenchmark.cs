using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Inference;
using Inference.Embeddings;
using Inference.Files;
using Inference.Jobs;
using Trainer.DataSets;

namespace Benchmarks;

/// <summary>A head from 1,000 kept embeddings of real photographs: job file to written package, the start of the process included.</summary>
internal static class RetrainBenchmark
{
    public static Benchmark Entry { get; } = new("retrain", "request to package from kept embeddings [--samples 1000] [--runs 3]", Run);

    private static Task Run(BenchmarkArguments arguments)
    {
        var backbone = Path.Combine(Repository.Root, "out/trainer/backbones/efficientnet_lite0-320.onnx");
        var data = FolderEmbedder.Embed(FolderDataSet.Read(Repository.MagneticTile, null), backbone, null);
        var state = Directory.CreateTempSubdirectory("retrain").FullName;
        try
        {
            var file = Path.Combine(state, "embeddings");
            var job = Keep(data, file, backbone, arguments.Number("samples", 1000));
            for (var run = 0; run < arguments.Number("runs", 3); run++) Time(job with { OutputDirectory = Path.Combine(state, $"model{run}") }, state);
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }

        return Task.CompletedTask;
    }

    // Photographs beyond the data set come again, as other parts: the time depends on the count, not on what they show.
    private static TrainingJob Keep(EmbeddedDataSet data, string file, string backbone, int count)
    {
        using var writer = new EmbeddingFileWriter(LinuxFileSystem.Instance, file, data.Embedding);
        var samples = new List<TrainingSample>();
        for (var i = 0; i < count; i++)
        {
            var (round, at) = Math.DivRem(i, data.Photographs.Count);
            var row = writer.Append(1, (ulong)i + 1, data.Values.AsSpan(at * data.Embedding.Length, data.Embedding.Length));
            samples.Add(new(string.Create(CultureInfo.InvariantCulture, $"1-{i + 1}"), $"{data.Photographs[at].Part}.{round}", row, data.Photographs[at].Class));
        }

        writer.Sync();
        return new() { JobId = "benchmark", Embedding = data.Embedding, EmbeddingFile = file, BackboneFile = backbone, Samples = samples, GoodClass = "free", OutputDirectory = "", CreatedBy = "benchmark" };
    }

    private static void Time(TrainingJob job, string state)
    {
        var started = Stopwatch.GetTimestamp();
        var jobFile = Path.Combine(state, "job.json");
        File.WriteAllBytes(jobFile, JsonSerializer.SerializeToUtf8Bytes(job, InferenceJson.Default.TrainingJob));
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "out/trainer/trainer"), ["run", jobFile]) { RedirectStandardOutput = true })!;
        var last = process.StandardOutput.ReadToEnd().TrimEnd().Split('\n')[^1];
        process.WaitForExit();
        var whole = Stopwatch.GetElapsedTime(started);
        var phases = JsonSerializer.Deserialize(last, InferenceJson.Default.TrainingEvent) is TrainingDone done
            ? string.Join(", ", done.PhaseMs.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Key} {p.Value:0}")))
            : throw new BenchmarkException(last);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{job.Samples.Count} embeddings: {whole.TotalMilliseconds:0} ms from request to package (ms: {phases})"));
    }
}
