namespace Benchmarks;

/// <summary>Milliseconds and their ratio to a baseline of the same run.</summary>
internal static class Table
{
    public static void Print(IReadOnlyList<Samples> rows, Samples baseline)
    {
        Console.WriteLine($"  {"",-26} {"p50 ms",8} {"p99 ms",8} {"p50 ratio",10} {"p99 ratio",10}");
        foreach (var row in rows)
            Console.WriteLine($"  {row.Name,-26} {row.P50,8:0.000} {row.P99,8:0.000} {row.P50 / baseline.P50,10:0.000} {row.P99 / baseline.P99,10:0.000}");
    }
}
