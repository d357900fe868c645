using Inference.Runtime;
using OpenCvSharp;

namespace Benchmarks;

/// <summary>Managed bytes that a judgement allocates in steady state, by stage and by size of the picture.</summary>
internal static class AllocationBenchmark
{
    public static Benchmark Entry { get; } = new("allocation", "managed bytes a frame in Inference [--frames 300] [--weights FILE]", Run);

    private static Task Run(BenchmarkArguments arguments)
    {
        var frames = arguments.Number("frames", 300);
        Console.WriteLine($"  {"bytes a frame",-14} {"prepare",8} {"backbone",9} {"head, decision",15}");
        using var backbone = BenchmarkNetworks.Pixels(arguments.Text("weights"), RuntimeOptions.Default);
        foreach (var size in new Size[] { new(320, 240), new(640, 480), new(1280, 960), new(2560, 1920) })
        {
            using var judgement = new Judgement(backbone, RuntimeOptions.Default, size);
            Console.WriteLine(
                $"  {$"{size.Width}x{size.Height}",-14} {BytesOf(judgement.Prepare, frames),8} " +
                $"{BytesOf(judgement.RunBackbone, frames),9} {BytesOf(() => judgement.HeadAndDecide(), frames),15}");
        }

        return Task.CompletedTask;
    }

    private static long BytesOf(Action action, int frames)
    {
        for (var i = 0; i < 20; i++) action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < frames; i++) action();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / frames;
    }
}
