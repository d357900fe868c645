using System.Diagnostics;
using Appliance.Inspection;
using Appliance.Journal;
using Inference.Decisions;
using Inference.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Benchmarks;

/// <summary>What committing a verdict costs, with the bytes it allocates, beside what the disk takes to sync; then durable facts and reading for the outbox.</summary>
internal static class JournalBenchmark
{
    public static Benchmark Entry { get; } = new("journal", "commits, allocation, syncs and reading [--verdicts 50000] [--facts 200] [--state DIRECTORY]", Run);

    private static async Task Run(BenchmarkArguments arguments)
    {
        var (verdicts, facts) = (arguments.Number("verdicts", 50_000), arguments.Number("facts", 200));
        var state = Path.Combine(arguments.Text("state") ?? Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            var sync = Syncs(state, 200);
            await using var journal = StationJournal.Open(LinuxFileSystem.Instance, state, "bench", TimeProvider.System, NullLogger.Instance);
            for (var i = 0; i < 1000; i++) journal.Commit(Draft());
            var draft = Draft();
            var ticks = new long[verdicts];
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < verdicts; i++)
            {
                var start = Stopwatch.GetTimestamp();
                journal.Commit(draft);
                ticks[i] = Stopwatch.GetTimestamp() - start;
            }
            var elapsed = Stopwatch.GetElapsedTime(started);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Table.Print([sync, new("commit", ticks), await Facts(journal, facts)], sync);
            Console.WriteLine($"  {verdicts / elapsed.TotalSeconds:0} commits a second, {(double)allocated / verdicts:0} bytes allocated a commit; {Reads(journal):0} verdicts a second read");
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    internal static VerdictMessage Draft() => new()
    {
        Station = "bench", Camera = "camera-1", Recipe = "plate", Part = "part-001234", GrabbedAt = TimeProvider.System.GetUtcNow(),
        LatencyMs = new(0.1, 0.5, 7.25, 0.08, 8.125), Verdict = Verdict.Ng, Class = "scratch", Probability = 0.98f, Distance = 1.2f,
        Reason = Reasons.Confident, Model = new string('a', 64), Policy = new string('b', 64),
    };

    internal static Samples Syncs(string state, int count)
    {
        Directory.CreateDirectory(state);
        using var file = LinuxFileSystem.Instance.CreateNew(Path.Combine(state, "sync"));
        var ticks = new long[count];
        var bytes = new byte[4096];
        for (var i = 0; i < count; i++)
        {
            file.Write(bytes);
            var start = Stopwatch.GetTimestamp();
            file.Sync();
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }
        return new("fdatasync of 4 KiB", ticks);
    }

    private static async Task<Samples> Facts(StationJournal journal, int count)
    {
        var ticks = new long[count];
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await journal.AppendDurableAsync(new SampleLabelled("1-1", "good", null, "anna") { At = TimeProvider.System.GetUtcNow() }, CancellationToken.None);
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }
        return new("durable fact", ticks);
    }

    private static double Reads(StationJournal journal)
    {
        using var cursor = journal.OpenVerdicts(default);
        var (count, start) = (0, Stopwatch.GetTimestamp());
        while (cursor.TryRead(out _, out _)) count++;
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
