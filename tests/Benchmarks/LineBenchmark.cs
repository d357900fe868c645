using System.Diagnostics;
using Inference.Runtime;
using OpenCvSharp;

namespace Benchmarks;

/// <summary>Grab to publish through the whole station (queue, judgement, journal, MQTT) against a bare <c>Run</c> of the float-input graph.</summary>
internal static class LineBenchmark
{
    public static Benchmark Entry { get; } = new("line", "grab to publish against a bare Run of the float-input graph [--rounds 1000] [--broker embedded|mqtt://127.0.0.1:1883]", Run);

    private static async Task Run(BenchmarkArguments arguments)
    {
        var (rounds, broker) = (arguments.Number("rounds", 1000), arguments.Text("broker") ?? "embedded");
        using var bare = new FloatBaseline(BenchmarkNetworks.Normalised(null), RuntimeOptions.Default);
        await using var station = await BenchmarkStation.StartAsync(broker);
        using var small = Picture(640, 480);
        using var large = Picture(1280, 960);
        Way[] ways =
        [
            new("bare Run, float input", bare.Run),
            new("640x480, bilinear", () => station.Inspect(small)),
            new("1280x960, area", () => station.Inspect(large)),
        ];
        Console.WriteLine($"{RuntimeOptions.Default.Threads} threads, {rounds} rounds interleaved, broker {broker}, input 320 x 320, decoding apart; grab to the broker's socket");
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var samples = Interleaved.Measure(100, rounds, ways);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        Table.Print(samples, samples[0]);
        Console.WriteLine($"  {allocated / (2.0 * (rounds + 100)):0} managed bytes a frame in the whole process, broker included where it is embedded");
        using var self = Process.GetCurrentProcess();
        Console.WriteLine($"  {self.WorkingSet64 >> 20} MiB resident");
    }

    private static Mat Picture(int width, int height)
    {
        var picture = new Mat(height, width, MatType.CV_8UC3);
        Cv2.Randu(picture, Scalar.All(0), Scalar.All(256));
        return picture;
    }
}
