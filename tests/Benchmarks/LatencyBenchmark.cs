using Inference.Runtime;
using OpenCvSharp;

namespace Benchmarks;

/// <summary>Prepare, backbone, head and decision against a bare <c>Run</c> of the same network with floats as input.</summary>
internal static class LatencyBenchmark
{
    public static Benchmark Entry { get; } = new("latency", "a judgement against a bare Run of the float-input graph [--rounds 1000] [--threads N] [--spinning 0|1] [--weights FILE]", Run);

    private static Task Run(BenchmarkArguments arguments)
    {
        var options = new RuntimeOptions
        {
            Threads = arguments.Number("threads", RuntimeOptions.Default.Threads),
            AllowSpinning = arguments.Number("spinning", RuntimeOptions.Default.AllowSpinning ? 1 : 0) != 0,
        };
        var rounds = arguments.Number("rounds", 1000);
        var weights = arguments.Text("weights");

        using var bare = new FloatBaseline(BenchmarkNetworks.Normalised(weights), options);
        using var backbone = BenchmarkNetworks.Pixels(weights, options);
        using var bilinear = new Judgement(backbone, options, new Size(640, 480));
        using var area = new Judgement(backbone, options, new Size(1280, 960));
        Console.WriteLine($"{backbone.Provider}, {options.Threads} threads, spinning {(options.AllowSpinning ? "on" : "off")}, {rounds} rounds interleaved, input 320 x 320, decoding apart");

        var whole = Interleaved.Measure(
            100, rounds, new("bare Run, float input", bare.Run), new("640x480, bilinear", bilinear.Judge), new("1280x960, area", area.Judge));
        Table.Print(whole, whole[0]);

        Console.WriteLine("by stage:");
        var stages = Interleaved.Measure(
            100, rounds,
            new("prepare 640x480", bilinear.Prepare), new("prepare 1280x960", area.Prepare),
            new("backbone, uint8 input", bilinear.RunBackbone), new("head and decision", () => bilinear.HeadAndDecide()));
        Table.Print(stages, whole[0]);
        return Task.CompletedTask;
    }
}
