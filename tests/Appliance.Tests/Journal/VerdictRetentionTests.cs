using Appliance.Journal;
using Inference.Files;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Testing.Files;

namespace Appliance.Tests.Journal;

public sealed class VerdictRetentionTests : IDisposable
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);
    private readonly JournalBench bench = new() { Options = new() { SegmentBytes = 2_000 } };
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task DeleteOne_OldSegments_GoBehindAnAnchorAndTheRestStaysReadable()
    {
        await using var journal = Open(LinuxFileSystem.Instance);
        var all = Fill(journal, days: 30);
        Assert.True(await DeleteAllAsync(journal, LinuxFileSystem.Instance, Week, 0, journal.LastCommitted) > 3);
        var left = JournalBench.ReadAll(journal).Select(v => v.Id).ToList();
        Assert.Equal(all[^left.Count..], left);
        Assert.InRange(left.Count, 7, 20);
        Assert.Equal(all[^(left.Count + 1)].ToString(), journal.ReadFacts().OfType<VerdictsAnchored>().Last().LastDeleted);
        Assert.True(JournalVerifier.Verify(bench.State).IsIntact);
        Assert.Null(journal.ReadVerdict(all[0]));
        Assert.NotNull(journal.ReadVerdict(left[0]));
        // What comes goes on.
        Assert.True(journal.Commit(JournalBench.Draft()) > left[^1]);
    }

    [Fact]
    public async Task DeleteOne_WhatTheBrokerDoesNotHave_Stays()
    {
        await using var journal = Open(LinuxFileSystem.Instance);
        var all = Fill(journal, days: 30);
        Assert.Equal(0, await DeleteAllAsync(journal, LinuxFileSystem.Instance, Week, 0, default));
        await DeleteAllAsync(journal, LinuxFileSystem.Instance, Week, 1, all[9]);
        var left = JournalBench.ReadAll(journal).Select(v => v.Id).ToList();
        Assert.True(left[0] > all[0] && left[0] <= all[9]);
        Assert.Equal(all[^1], left[^1]);
    }

    [Fact]
    public async Task DeleteOne_ByBytes_LeavesNoMoreThanTheLimitAndOneSegment()
    {
        await using var journal = Open(LinuxFileSystem.Instance);
        Fill(journal, days: 30);
        await DeleteAllAsync(journal, LinuxFileSystem.Instance, TimeSpan.Zero, 6_000, journal.LastCommitted);
        Assert.InRange(Directory.GetFiles(journal.VerdictDirectory).Sum(f => new FileInfo(f).Length), 2_000, 6_000);
        Assert.True(JournalVerifier.Verify(bench.State).IsIntact);
    }

    [Fact]
    public async Task WithAnchors_WhenTheFirstSegmentGoesUnderTheLook_LooksAgain()
    {
        await using var journal = Open(LinuxFileSystem.Instance);
        Fill(journal, days: 30);
        var (retention, looks) = (new VerdictRetention(journal, LinuxFileSystem.Instance, time), 0);
        var intact = VerdictSegments.WithAnchors(bench.State, () =>
        {
            var anchors = journal.ReadFacts().OfType<VerdictsAnchored>().ToList();
            if (++looks <= 2) Assert.True(retention.DeleteOneAsync(time.GetUtcNow(), Week, 0, journal.LastCommitted).GetAwaiter().GetResult());
            return new StreamCheck(journal.VerdictDirectory, StreamKind.Verdicts, anchors, each: null).Run().Damage is null;
        });
        Assert.Equal((3, true), (looks, intact));
    }

    [Fact]
    public async Task DeleteOne_UnderAReader_LetsItGoOnWithWhatIsLeft()
    {
        await using var journal = Open(LinuxFileSystem.Instance);
        var all = Fill(journal, days: 30);
        using var cursor = journal.OpenVerdicts(default);
        Assert.True(cursor.TryRead(out _, out _));
        await DeleteAllAsync(journal, LinuxFileSystem.Instance, Week, 0, journal.LastCommitted);
        var seen = new List<InspectionId>();
        while (cursor.TryRead(out var id, out _)) seen.Add(id);
        Assert.Equal(all[^1], seen[^1]);
        Assert.Equal(seen.Order(), seen);
    }

    [Fact]
    public async Task DeleteOne_CutOffAtAnyOperation_LeavesASoundJournalAndTheNextStartGoesOn()
    {
        for (var failAt = 1; ; failAt++)
        {
            var files = new FaultyFileSystem(LinuxFileSystem.Instance);
            await using (var journal = Open(files))
            {
                Fill(journal, days: 10);
                var from = files.Operations;
                (files.FailAt, files.KeepFailing, files.TornWrites) = (from + failAt, true, failAt % 2 == 0);
                journal.StopWaiting();
                try
                {
                    await DeleteAllAsync(journal, files, Week, 0, journal.LastCommitted);
                }
                catch (Exception e) when (e is IOException or JournalException)
                {
                    // Killed.
                }

                if (files.Operations - from < failAt) return;
            }

            Assert.True(JournalVerifier.Verify(bench.State).IsIntact, $"operation {failAt}");
            await using var next = Open(LinuxFileSystem.Instance);
            await DeleteAllAsync(next, LinuxFileSystem.Instance, Week, 0, next.LastCommitted);
            Assert.True(JournalVerifier.Verify(bench.State).IsIntact, $"operation {failAt}, and afterwards");
            Assert.True(failAt < 500);
        }
    }

    private StationJournal Open(IFileSystem files) => StationJournal.Open(files, bench.State, JournalBench.Station, time, NullLogger.Instance, bench.Options);

    private List<InspectionId> Fill(StationJournal journal, int days)
    {
        var all = new List<InspectionId>();
        for (var day = 0; day < days; day++)
        {
            all.Add(journal.Commit(JournalBench.Draft()));
            time.Advance(TimeSpan.FromDays(1));
        }

        return all;
    }

    private async Task<int> DeleteAllAsync(StationJournal journal, IFileSystem files, TimeSpan age, long bytes, InspectionId delivered)
    {
        var retention = new VerdictRetention(journal, files, time);
        var deleted = 0;
        while (await retention.DeleteOneAsync(time.GetUtcNow(), age, bytes, delivered)) deleted++;
        return deleted;
    }
}
