using System.Diagnostics;
using Appliance.Capture;
using Appliance.Capture.Supervision;
using Inference.Runtime;
using OpenCvSharp;

namespace Benchmarks;

/// <summary>
/// What it costs to look whether a camera lies, beside preparing the same picture; what opening a video again and again leaves in memory;
/// and which pictures of a folder count as black.
/// </summary>
internal static class SourcesBenchmark
{
    public static Benchmark Entry { get; } = new("sources", "looking at pictures against preparing them, and reopening [--rounds 500] [--reopen 200] [--video FILE] [--data FOLDER]", Run);

    private static Task Run(BenchmarkArguments arguments)
    {
        var rounds = arguments.Number("rounds", 500);
        using var backbone = BenchmarkNetworks.Pixels(null, RuntimeOptions.Default);
        foreach (var size in new Size[] { new(640, 480), new(1280, 960) })
        {
            using var judgement = new Judgement(backbone, RuntimeOptions.Default, size);
            Look(judgement, size, rounds);
        }

        if (arguments.Text("video") is { } video) Reopen(video, arguments.Number("reopen", 200));
        if (arguments.Text("data") is { } data) CountBlack(data);
        return Task.CompletedTask;
    }

    private static void Look(Judgement judgement, Size size, int rounds)
    {
        using Mat one = new(size, MatType.CV_8UC3), other = new(size, MatType.CV_8UC3), black = new(size, MatType.CV_8UC3, Scalar.All(0));
        Cv2.Randu(one, Scalar.All(0), Scalar.All(256));
        Cv2.Randu(other, Scalar.All(0), Scalar.All(256));
        using var same = one.Clone();
        Way[] ways =
        [
            new("prepare", judgement.Prepare),
            new("lit and another", () => _ = BlackPicture.Is(one, 16) || SamePicture.Are(one, other)),
            new("lit and a repeat", () => _ = BlackPicture.Is(one, 16) || SamePicture.Are(one, same)),
            new("black", () => BlackPicture.Is(black, 16)),
        ];
        Console.WriteLine($"  {size.Width}x{size.Height}");
        var samples = Interleaved.Measure(50, rounds, ways);
        Table.Print(samples, samples[0]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < rounds; i++) ways[1].Run();
        Console.WriteLine($"  {(GC.GetAllocatedBytesForCurrentThread() - before) / rounds} managed bytes a look");
    }

    private static void Reopen(string video, int times)
    {
        var options = new CameraOptions { Source = video };
        using var self = Process.GetCurrentProcess();
        for (var i = 0; i <= times; i++)
        {
            using (var source = FrameSources.Open(video, options, TimeProvider.System)) source.Grab(CancellationToken.None)?.Dispose();
            if (i % (times / 4) != 0) continue;
            self.Refresh();
            Console.WriteLine($"  opened {i + 1} times: {self.WorkingSet64 >> 10} KiB resident, {self.Threads.Count} threads, {self.HandleCount} handles");
        }
    }

    private static void CountBlack(string data)
    {
        using var source = FrameSources.Open("folder:" + data, new CameraOptions(), TimeProvider.System);
        var (all, black) = (0, new List<string>());
        while (source.Grab(CancellationToken.None) is { } frame)
        {
            all++;
            if (BlackPicture.Is(frame.Picture, new CameraOptions().BlackLevel)) black.Add(frame.SourceName!);
            frame.Dispose();
        }

        Console.WriteLine($"  {data}: {black.Count} of {all} pictures count as black {string.Join(' ', black.Take(5))}");
    }
}
