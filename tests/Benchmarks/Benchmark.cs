namespace Benchmarks;

/// <summary>One benchmark: a name for the command line, what it measures, and the run, which prints its table.</summary>
internal sealed record Benchmark(string Name, string Summary, Func<BenchmarkArguments, Task> Run);

/// <summary>A benchmark could not run; the message says why and what to do.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
