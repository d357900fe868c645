using Benchmarks;

Benchmark[] all = [LatencyBenchmark.Entry, LineBenchmark.Entry, AllocationBenchmark.Entry, RuntimeBenchmark.Entry, JournalBenchmark.Entry, PublishBenchmark.Entry, DeadlineBenchmark.Entry, AccuracyBenchmark.Entry, RetrainBenchmark.Entry, GateBenchmark.Entry, SourcesBenchmark.Entry, SwapBenchmark.Entry, WhatIfBenchmark.Entry, ShadowBenchmark.Entry, EvidenceBenchmark.Entry, LabelBenchmark.Entry, StartBenchmark.Entry, DistancesBenchmark.Entry];

var chosen = all.FirstOrDefault(benchmark => args.Length > 0 && benchmark.Name == args[0]);
if (chosen is null)
{
    Console.Error.WriteLine("usage: dotnet run --project tests/Benchmarks -c Release -- NAME [--option value ...]");
    foreach (var benchmark in all) Console.Error.WriteLine($"  {benchmark.Name,-12} {benchmark.Summary}");
    return 2;
}

try
{
    var arguments = BenchmarkArguments.Parse(args.AsSpan(1));
    Console.WriteLine(Machine.Describe());
    await chosen.Run(arguments);
    return 0;
}
catch (BenchmarkException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
