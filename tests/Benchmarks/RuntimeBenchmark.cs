using System.Diagnostics;
using Inference.Runtime;
using OpenCvSharp;

namespace Benchmarks;

/// <summary>
/// What the defaults of <see cref="RuntimeOptions"/> rest on: latency and processor time of a judgement by threads and spinning, when
/// pictures come without a break and when the line leaves one.
/// </summary>
internal static class RuntimeBenchmark
{
    public static Benchmark Entry { get; } = new("runtime", "threads and spinning [--rounds 200] [--break-ms 30] [--weights FILE]", Run);

    private static async Task Run(BenchmarkArguments arguments)
    {
        var rounds = arguments.Number("rounds", 200);
        var pause = TimeSpan.FromMilliseconds(arguments.Number("break-ms", 30));
        Console.WriteLine($"  {"threads",-8} {"spinning",-9} {"break ms",8} {"p50 ms",8} {"p99 ms",8} {"processor ms a frame",21}");
        foreach (var gap in new[] { TimeSpan.Zero, pause })
        {
            for (var threads = 1; threads <= Math.Min(Environment.ProcessorCount, 4); threads *= 2)
            {
                foreach (var spinning in threads == 1 ? [false] : new[] { false, true })
                {
                    var options = new RuntimeOptions { Threads = threads, AllowSpinning = spinning };
                    using var backbone = BenchmarkNetworks.Pixels(arguments.Text("weights"), options);
                    using var judgement = new Judgement(backbone, options, new Size(640, 480));
                    for (var i = 0; i < 20; i++) judgement.Judge();
                    var (samples, processor) = await Measure(judgement, rounds, gap);
                    Console.WriteLine(
                        $"  {threads,-8} {(spinning ? "on" : "off"),-9} {gap.TotalMilliseconds,8:0} {samples.P50,8:0.00} {samples.P99,8:0.00} {processor,21:0.0}");
                }
            }
        }
    }

    private static async Task<(Samples Samples, double ProcessorMs)> Measure(Judgement judgement, int rounds, TimeSpan gap)
    {
        using var process = Process.GetCurrentProcess();
        var ticks = new long[rounds];
        var before = process.TotalProcessorTime;
        for (var i = 0; i < rounds; i++)
        {
            if (gap > TimeSpan.Zero) await Task.Delay(gap);
            var start = Stopwatch.GetTimestamp();
            judgement.Judge();
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }

        process.Refresh();
        return (new Samples("", ticks), (process.TotalProcessorTime - before).TotalMilliseconds / rounds);
    }
}
