using System.Diagnostics;
using System.Globalization;
using Inference.Packages;
using Inference.Runtime;
using Inference.Slots;

namespace Benchmarks;

/// <summary>What a swap costs in time and leaves in memory: a stored package is read, loaded on a thread of its own, run on its canaries, published and leased, again and again.</summary>
internal static class SwapBenchmark
{
    private const int Steps = 8;

    public static Benchmark Entry { get; } = new("swaps", "milliseconds and resident memory over many swaps of a head [--swaps 4000] --package DIR", Run);

    private static Task Run(BenchmarkArguments arguments)
    {
        var directory = arguments.Text("package") ?? throw new BenchmarkException("Name a model package with --package DIR; 'trainer train' makes one, and a station keeps them under models/.");
        var swaps = arguments.Number("swaps", 4000);
        var package = PackageReader.Read(directory);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  head {package.Head.Length / 1024.0:F0} KB"));
        Console.WriteLine($"  {"swaps",8} {"ms a swap",10} {"resident MB",12} {"managed MB",11}");
        using var slot = new ModelSlot(package.Manifest.Embedding, RuntimeOptions.Default);
        for (var step = 0; step <= Steps; step++)
        {
            var start = Stopwatch.GetTimestamp();
            var count = step == 0 ? 1 : swaps / Steps;
            for (var i = 0; i < count; i++) Swap(slot, directory);
            var ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds / count;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {step * (swaps / Steps),8} {ms,10:F2} {Environment.WorkingSet / 1e6,12:F1} {GC.GetTotalMemory(false) / 1e6,11:F1}"));
        }

        return Task.CompletedTask;
    }

    private static void Swap(ModelSlot slot, string directory)
    {
        LoadResult loaded = default;
        var loading = new Thread(() => loaded = slot.Load(PackageReader.Read(directory)));
        loading.Start();
        loading.Join();
        slot.Publish(loaded.Model ?? throw new BenchmarkException(loaded.Reason!));
        using var lease = slot.Lease();
    }
}
