using System.Globalization;
using Inference.Decisions;
using Inference.Heads;
using Inference.Runtime;

namespace Benchmarks;

/// <summary>What a candidate in its shadow period costs the judging thread: one run of a head of the default kind and a decision, beside the run of the backbone that it waits for anyway.</summary>
internal static class ShadowBenchmark
{
    public static Benchmark Entry { get; } = new("shadow", "a candidate's head and decision, beside the backbone's run [--rounds 1000] [--weights FILE]", Run);

    private static Task Run(BenchmarkArguments arguments)
    {
        var rounds = arguments.Number("rounds", 1000);
        using var backbone = BenchmarkNetworks.Pixels(arguments.Text("weights"), RuntimeOptions.Default);
        var package = BenchmarkHead.Package(backbone.Embedding);
        using var head = HeadSession.Load(package, RuntimeOptions.Default);
        var decider = new PolicyDecider(package.Manifest.Classes, package.Manifest.GoodClass, package.Policy);
        var embedding = new float[backbone.Embedding.Length];
        backbone.Run();
        backbone.EmbeddingValues.CopyTo(embedding);
        var measured = Interleaved.Measure(50, rounds, [new Way("backbone", backbone.Run), new Way("shadow", () =>
        {
            var output = head.Run(embedding);
            _ = decider.Decide(output.Probabilities, output.Distance);
        })]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  head of {package.Head.Length / 1024.0:F0} KB, embedding of {embedding.Length} values"));
        Table.Print(measured, measured[0]);
        return Task.CompletedTask;
    }
}
