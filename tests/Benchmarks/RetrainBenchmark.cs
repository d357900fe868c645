using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Inference;
using Inference.Jobs;

namespace Benchmarks;

/// <summary>A head from 1,000 kept embeddings of real photographs: job file to written package, the start of the process included.</summary>
internal static class RetrainBenchmark
{
    public static Benchmark Entry { get; } = new("retrain", "request to package from kept embeddings [--samples 1000] [--runs 3]", Run);

    private static Task Run(BenchmarkArguments arguments)
    {
        // The time depends on the count, not on what they show.
        using var kept = new KeptPhotographs(arguments.Number("samples", 1000));
        for (var run = 0; run < arguments.Number("runs", 3); run++) Time(kept, kept.PathOf($"model{run}"));
        return Task.CompletedTask;
    }

    private static void Time(KeptPhotographs kept, string output)
    {
        var started = Stopwatch.GetTimestamp();
        var jobFile = kept.WriteJob(kept.Samples, output);
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "out/trainer/trainer"), ["run", jobFile]) { RedirectStandardOutput = true })!;
        var last = process.StandardOutput.ReadToEnd().TrimEnd().Split('\n')[^1];
        process.WaitForExit();
        var whole = Stopwatch.GetElapsedTime(started);
        var phases = JsonSerializer.Deserialize(last, InferenceJson.Default.TrainingEvent) is TrainingDone done
            ? string.Join(", ", done.PhaseMs.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Key} {p.Value:0}")))
            : throw new BenchmarkException(last);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kept.Samples.Count} embeddings: {whole.TotalMilliseconds:0} ms from request to package (ms: {phases})"));
    }
}
