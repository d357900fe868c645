using System.Globalization;
using Appliance.Policies;
using Appliance.Samples;
using Inference.Embeddings;
using Inference.Files;
using Inference.Runtime;

namespace Benchmarks;

/// <summary>A policy tried on kept embeddings of the default backbone, beside one bare pass that only reads the file.</summary>
internal static class WhatIfBenchmark
{
    public static Benchmark Entry { get; } = new("whatif", "a policy tried on kept embeddings, beside a bare read of the file [--rows 100000] [--weights FILE]", Run);

    private static async Task Run(BenchmarkArguments arguments)
    {
        var rows = arguments.Number("rows", 100_000);
        var directory = Directory.CreateTempSubdirectory("whatif-").FullName;
        try
        {
            using var backbone = BenchmarkNetworks.Pixels(arguments.Text("weights"), RuntimeOptions.Default);
            var (spec, file) = (backbone.Embedding, Path.Combine(directory, "kept.emb"));
            Fill(file, spec, rows);
            using var index = new SampleIndex(LinuxFileSystem.Instance, Path.Combine(directory, "index", "samples.db"));
            var package = BenchmarkHead.Package(spec);
            var strict = package.Policy with { Thresholds = package.Policy.Thresholds.ToDictionary(t => t.Key, _ => 0.9) };
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {rows} embeddings of {spec.Length} values, {new FileInfo(file).Length / 1e9:F2} GB"));
            for (var round = 0; round < 3; round++)
            {
                var start = TimeProvider.System.GetTimestamp();
                ReadBare(file);
                var bare = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
                var before = Environment.WorkingSet / 1e6;
                var result = await new WhatIf(package, strict, index, file).RunAsync(null, 100, TimeProvider.System, CancellationToken.None);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  bare read {bare:F2} s, what-if {result.Milliseconds / 1000:F2} s for {result.Judged} rows, {result.Changed.Values.Sum()} changed; resident {before:F0} to {Environment.WorkingSet / 1e6:F0} MB"));
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void Fill(string file, EmbeddingSpec spec, int rows)
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 64).Select(_ => Enumerable.Range(0, spec.Length).Select(_ => (float)random.NextDouble() * 4).ToArray()).ToArray();
        using var writer = new EmbeddingFileWriter(LinuxFileSystem.Instance, file, spec);
        for (var i = 0; i < rows; i++) writer.Append(1, (ulong)i + 1, values[i % values.Length]);
        writer.Sync();
    }

    private static void ReadBare(string file)
    {
        using var handle = File.OpenHandle(file);
        var buffer = new byte[1 << 20];
        for (long at = 0, read; (read = RandomAccess.Read(handle, buffer, at)) > 0; at += read)
        {
        }
    }
}
