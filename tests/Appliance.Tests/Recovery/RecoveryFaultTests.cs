using System.Diagnostics;
using Appliance.Journal;
using Appliance.Recovery;
using Appliance.Tests.Journal;
using Inference.Files;
using Testing.Files;

namespace Appliance.Tests.Recovery;

/// <summary>Repair and restore with every file operation failing in turn, alone or with all that follow, as in a kill; then once more on a healthy disk.</summary>
public sealed class RecoveryFaultTests : IDisposable
{
    private readonly JournalBench bench = new() { Options = new() { SegmentBytes = 2_500 } };
    private readonly TemporaryDirectory directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);

    private static CancellationToken Cancellation => Until.Cancellation;

    public void Dispose()
    {
        bench.Dispose();
        directory.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Repair_AnyOperationFails_TheNextOneIsSoundAndLosesNothingMore(bool andAllThatFollow)
    {
        await FillAsync(bench);
        var kept = new[] { Damage(StreamKind.Facts), Damage(StreamKind.Verdicts) };
        Directory.CreateDirectory(Path.Combine(bench.State, "index"));
        await File.WriteAllTextAsync(Path.Combine(bench.State, "index", "samples.db"), "the last copy", Cancellation);
        for (var failAt = 1; ; failAt++)
        {
            var state = Copy(bench.State, failAt);
            var files = Failing(failAt, andAllThatFollow);
            Try(() => StateExamination.Repair(files, state, TimeProvider.System, Quiet));
            if (files.Operations < failAt) return;

            Assert.True(StateExamination.Repair(LinuxFileSystem.Instance, state, TimeProvider.System, Quiet).IsSound, $"operation {failAt}");

            Assert.True(StateExamination.Look(LinuxFileSystem.Instance, state, TimeProvider.System, Quiet).IsSound, $"operation {failAt}");
            Assert.Equal(kept[0], Payloads(state, StreamKind.Facts).Take(kept[0].Count));
            Assert.Equal(kept[1], Payloads(state, StreamKind.Verdicts));
            Assert.Contains(Directory.EnumerateFiles(Path.Combine(state, "quarantine"), "samples.db*", SearchOption.AllDirectories), f => File.ReadAllText(f) == "the last copy");
            await using (var journal = Open(state))
            {
                Assert.True(journal.Epoch > 1000, $"operation {failAt}: epoch {journal.Epoch}");
                Assert.Equal(["facts", "verdicts"], journal.ReadFacts().OfType<JournalRepaired>().Select(r => r.Stream).Distinct().Order());
            }
            Directory.Delete(state, recursive: true);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restore_AnyOperationFails_TheOldStateIsBackAndTheNextOneIsSound(bool andAllThatFollow)
    {
        await FillAsync(bench);
        var tar = directory["b.tar"];
        new Backup(LinuxFileSystem.Instance, bench.State, TimeProvider.System, Quiet).Write(tar);
        await FillAsync(bench);
        var old = Payloads(bench.State, StreamKind.Verdicts);
        for (var failAt = 1; ; failAt++)
        {
            var state = Copy(bench.State, failAt);
            var files = Failing(failAt, andAllThatFollow);
            var failed = Try(() => new Restore(files, tar, state, TimeProvider.System, Quiet).Run(true, null, "anna"));
            if (files.Operations < failAt) return;
            // A failed sync of a directory that follows its last change leaves it restored.
            if (failed && !RestoreMark.IsSet(state) && Payloads(state, StreamKind.Verdicts).Count != old.Count)
                Assert.Equal(old, Payloads(Assert.Single(Directory.GetDirectories(Path.Combine(state, RestoreMark.OldStates))), StreamKind.Verdicts));
            else if (failed && !andAllThatFollow) Assert.Equal(old, Payloads(state, StreamKind.Verdicts));

            var done = new Restore(LinuxFileSystem.Instance, tar, state, TimeProvider.System, Quiet).Run(true, null, "anna");

            Assert.True(done.Report.IsSound);
            Assert.False(RestoreMark.IsSet(state));
            Assert.Empty(RestoreMark.Stagings(state));
            Assert.Contains(Directory.GetDirectories(Path.Combine(state, RestoreMark.OldStates)), d => Payloads(d, StreamKind.Verdicts).SequenceEqual(old));
            await using (var journal = Open(state)) Assert.Equal(done.NextEpoch, journal.Epoch);
            Directory.Delete(state, recursive: true);
        }
    }

    private static Progress Quiet => new(TextWriter.Null);

    private static FaultyFileSystem Failing(int at, bool andAllThatFollow) => new(LinuxFileSystem.Instance) { FailAt = at, KeepFailing = andAllThatFollow, TornWrites = true };

    private static bool Try(Action work)
    {
        try
        {
            work();
            return false;
        }
        catch (Exception e) when (e is IOException or JournalException)
        {
            return true;
        }
    }

    private static StationJournal Open(string state) => StationJournal.Open(
        LinuxFileSystem.Instance, state, JournalBench.Station, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    private static List<string> Payloads(string state, StreamKind kind) => [.. RawRecord.Segments(state, kind).SelectMany(RawRecord.In).Where(r => !r.IsLoss).Select(r => r.Payload)];

    private static async Task FillAsync(JournalBench bench)
    {
        await using var journal = bench.Open();
        for (var i = 0; i < 9; i++)
        {
            journal.Commit(JournalBench.Draft());
            await journal.AppendDurableAsync(JournalBench.Label($"1-{i}"), Cancellation);
        }
    }

    /// <summary>Overwrites a record in the middle. What the others say.</summary>
    private List<string> Damage(StreamKind kind)
    {
        var records = RawRecord.Segments(bench.State, kind).SelectMany(RawRecord.In).ToList();
        var hit = records[records.Count / 2];
        var bytes = File.ReadAllBytes(hit.Path);
        bytes.AsSpan(hit.Offset, 60).Fill(0x55);
        File.WriteAllBytes(hit.Path, bytes);
        return [.. records.Where(r => r != hit).Select(r => r.Payload)];
    }

    private string Copy(string state, int number)
    {
        var copy = directory[$"state{number}"];
        using var cp = Process.Start("cp", ["-a", state, copy]);
        Assert.Equal(0, cp.Ends());
        return copy;
    }
}
