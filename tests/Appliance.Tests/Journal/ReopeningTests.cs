using Appliance.Journal;
using Inference.Files;
using Testing.Files;

namespace Appliance.Tests.Journal;

/// <summary>A journal whose sync has failed, and what becomes of what was written by then.</summary>
public sealed class ReopeningTests : IDisposable
{
    private readonly JournalBench bench = new();
    private readonly FaultyFileSystem files = new(LinuxFileSystem.Instance);
    private readonly TemporaryDirectory killed = new();

    private static CancellationToken Cancellation => Until.Cancellation;

    public void Dispose()
    {
        killed.Dispose();
        bench.Dispose();
    }

    [Theory]
    [InlineData("verdicts")]
    [InlineData("facts")]
    public async Task Mend_KilledAtAnyMoment_LosesNothingThatWasWritten(string stream)
    {
        await using var journal = bench.Open(files);
        await journal.TryAcceptAsync(new("t1", "cam", null, "plate") { At = DateTimeOffset.UnixEpoch }, Cancellation);
        List<InspectionId> ids = [journal.Commit(JournalBench.Draft())];
        files.FailWhen = (operation, path) => operation == FileOperation.Sync && path.Contains(stream, StringComparison.Ordinal);
        ids.AddRange([journal.Commit(JournalBench.Draft(trigger: "t1")), journal.Commit(JournalBench.Draft())]);
        var label = journal.AppendDurableAsync(JournalBench.Label("1-1"), Cancellation);
        await Until.HoldsAsync(() => journal.Trouble is not null);
        var moments = 0;
        files.FailWhen = (_, _) =>
        {
            Copy($"{moments++}");
            return false;
        };
        journal.Mend();
        files.FailWhen = null;
        await label;
        Copy($"{moments++}");
        Assert.True(moments > 6);
        for (var moment = 0; moment < moments; moment++)
        {
            await using var next = StationJournal.Open(LinuxFileSystem.Instance, killed[$"{moment}"], JournalBench.Station, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, bench.Options);
            Assert.Equal(ids, JournalBench.ReadAll(next).Select(v => v.Id));
            Assert.Empty(next.Unanswered);
            Assert.Single(next.ReadFacts().OfType<SampleLabelled>());
            next.Commit(JournalBench.Draft());
            Assert.True(JournalVerifier.Verify(killed[$"{moment}"]).IsIntact);
        }
    }

    [Fact]
    public async Task AppendDurable_SyncFails_IsAcknowledgedWhenItIsDurableAndNotRefused()
    {
        await using var journal = bench.Open(files);
        files.FailWhen = (operation, path) => operation == FileOperation.Sync && path.Contains("facts", StringComparison.Ordinal);
        var labels = Enumerable.Range(1, 8).Select(i => journal.AppendDurableAsync(JournalBench.Label($"1-{i}"), Cancellation)).ToList();
        await Until.HoldsAsync(() => journal.Trouble is not null);
        Assert.Throws<JournalException>(journal.Mend);
        // Refused are those that came after the failure, and were never written.
        var (waiting, refused) = (labels.Where(one => !one.IsCompleted).ToList(), labels.Where(one => one.IsCompleted).ToList());
        Assert.All(refused, one => Assert.IsType<JournalException>(one.Exception!.InnerException));
        Assert.NotEmpty(waiting);
        files.FailWhen = null;
        journal.Mend();
        await Task.WhenAll(waiting);
        Assert.Equal(waiting.Count, journal.ReadFacts().OfType<SampleLabelled>().Count());
        Assert.True(JournalVerifier.Verify(bench.State).IsIntact);
    }

    [Fact]
    public async Task StopWaiting_WhileTheSyncFails_SaysThatItIsUnknown()
    {
        await using (var journal = bench.Open(files))
        {
            files.FailWhen = (operation, path) => operation == FileOperation.Sync && path.Contains("facts", StringComparison.Ordinal);
            var label = journal.AppendDurableAsync(JournalBench.Label("1-1"), Cancellation);
            await Until.HoldsAsync(() => journal.Trouble is not null);
            Assert.False(label.IsCompleted);
            journal.StopWaiting();
            Assert.True((await Assert.ThrowsAsync<JournalException>(() => label)).IsUnknown);
            Assert.False((await Assert.ThrowsAsync<JournalException>(() => journal.AppendDurableAsync(JournalBench.Label("1-2"), Cancellation))).IsUnknown);
        }

        await using var again = bench.Open();
        Assert.Equal("1-1", Assert.Single(again.ReadFacts().OfType<SampleLabelled>()).Sample);
    }

    // What a killed process leaves.
    private void Copy(string moment)
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(bench.State, "journal"), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(killed[moment], Path.GetRelativePath(bench.State, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
    }
}
