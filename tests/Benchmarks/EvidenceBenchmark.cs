using Inference.Evidence;
using Inference.Preparation;
using Inference.Runtime;

namespace Benchmarks;

/// <summary>What evidence costs: a run of the backbone that hands out its maps against one that does not, and taking the head's answer apart by place.</summary>
internal static class EvidenceBenchmark
{
    public static Benchmark Entry { get; } = new("evidence", "the maps and the evidence against a Run without them [--rounds 1000] [--threads N] [--weights FILE]", Run);

    private static Task Run(BenchmarkArguments arguments)
    {
        var options = new RuntimeOptions { Threads = arguments.Number("threads", RuntimeOptions.Default.Threads) };
        var rounds = arguments.Number("rounds", 1000);
        using var backbone = BenchmarkNetworks.Pixels(arguments.Text("weights"), options);
        using var bare = BenchmarkNetworks.WithoutMaps(arguments.Text("weights"), options);
        new Random(1).NextBytes(backbone.InputBuffer);
        backbone.Run();
        var numbers = BenchmarkHead.Numbers(backbone.Embedding);
        var region = new Region(0, 0, 640, 480);
        Console.WriteLine($"{backbone.Provider}, {options.Threads} threads, {rounds} rounds interleaved, input 320 x 320, head on stages 5 and 6");
        var rows = Interleaved.Measure(
            100, rounds,
            new("Run, embedding alone", bare.Run), new("Run, with the maps", backbone.Run),
            new("evidence for a class", () => Explain(numbers.LogitDifference(1, 0))));
        Table.Print(rows, rows[0]);
        return Task.CompletedTask;

        void Explain(LinearForm form) => EvidenceMap.Make("b", "a", form.Bias, Attribution.Explain(form, backbone.Embedding, backbone.Maps, backbone.MapValues)!, region);
    }
}
