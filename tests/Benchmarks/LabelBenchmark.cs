using System.Diagnostics;
using System.Globalization;
using Appliance.Hosting;
using Appliance.Journal;
using Appliance.Samples;
using Inference.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Benchmarks;

/// <summary>From a person's label to its acknowledgement, with many samples in the index, beside what the disk takes to sync; and pages of what is to be labelled.</summary>
internal static class LabelBenchmark
{
    private const string Station = "bench";

    public static Benchmark Entry { get; } = new("labels", "label to acknowledged, and pages of the queue, beside the disk's sync [--samples 100000] [--labels 1000] [--state DIRECTORY]", Run);

    private static async Task Run(BenchmarkArguments arguments)
    {
        var (samples, labels) = (arguments.Number("samples", 100_000), arguments.Number("labels", 1000));
        var state = Path.Combine(arguments.Text("state") ?? Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await FilledState.MakeAsync(state, Station, "e1", samples, 0);
            await using var journal = StationJournal.Open(LinuxFileSystem.Instance, state, Station, TimeProvider.System, NullLogger.Instance);
            using var index = new IndexRebuilder(SampleFiles.Index(state), NullLogger.Instance).Open(journal.ReadFactsAfter);
            var options = new ApplianceOptions { Station = Station, StateDirectory = state };
            var desk = new LabelDesk(options, journal, index, new(options, journal), TimeProvider.System);
            await LabelAsync(desk, samples, 1, 50);
            var sync = JournalBenchmark.Syncs(Path.Combine(state, "scratch"), 200);
            Table.Print([sync, new("label to acknowledged", await LabelAsync(desk, samples, 51, labels)), .. Pages(index)], sync);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {samples} samples, {labels} labels one after the other; index of {new FileInfo(SampleFiles.Index(state)).Length / 1e6:F0} MB"));
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    private static async Task<long[]> LabelAsync(LabelDesk desk, int samples, int first, int count)
    {
        var ticks = new long[count];
        for (var i = 0; i < count; i++)
        {
            // All over the index, and never one that has a label.
            var sample = $"1-{(first + (long)i * 7919) % (samples / 10) * 10 + 1}";
            var start = Stopwatch.GetTimestamp();
            if ((await desk.LabelAsync(sample, "scratch", "anna", CancellationToken.None)).Refusal is { } refusal) throw new BenchmarkException(refusal);
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }

        return ticks;
    }

    private static IEnumerable<Samples> Pages(SampleIndex index)
    {
        foreach (var order in new[] { LabelOrder.Uncertain, LabelOrder.Newest })
        {
            var ticks = new long[100];
            string? before = null;
            for (var i = 0; i < ticks.Length; i++)
            {
                var start = Stopwatch.GetTimestamp();
                before = index.Unlabelled(50, before, order)[^1].Id;
                ticks[i] = Stopwatch.GetTimestamp() - start;
            }

            yield return new($"page of 50, {order.ToString().ToLowerInvariant()} first", ticks);
        }
    }
}
