using Appliance.Journal;
using Appliance.Recovery;
using Appliance.Samples;
using Appliance.Tests.Hosting;
using Inference.Files;

namespace Appliance.Tests.Recovery;

/// <summary>What retention deletes while <c>appliance verify</c> reads is no damage.</summary>
public sealed class VerifyBesideRetentionTests : IAsyncDisposable
{
    private readonly StationBench bench = new();

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task Look_SampleGivenUpAfterTheFactsWereRead_FindsNothing()
    {
        await KeepAsync(1);
        await KeepAsync(2);
        bench.Journal.Commit(Appliance.Tests.Journal.JournalBench.Draft());
        var gone = bench.Index.ById("1-1")!;
        var given = false;
        var report = Look(at: 2, () =>
        {
            given = true;
            bench.Samples.GiveUpAsync([gone], _ => true, ids => new(ids, "retention", "a test") { At = DateTimeOffset.UnixEpoch }, CancellationToken.None).GetAwaiter().GetResult();
            bench.Samples.SweepAsync(10, CancellationToken.None).GetAwaiter().GetResult();
        });
        Assert.True(given);
        Assert.Empty(report.Findings);
        // One that nobody gave up is missed all the same.
        Directory.Delete(SampleFiles.Pictures(bench.Options.StateDirectory), recursive: true);
        Assert.Single(Look(at: 0, () => { }).Findings);
    }

    [Fact]
    public async Task Look_VerdictsDeletedUnderIt_FindsNothing()
    {
        await bench.ReleaseAsync();
        var clock = new HookedTime { Hook = _ => { } };
        await using (var journal = StationJournal.Open(LinuxFileSystem.Instance, bench.Options.StateDirectory, bench.Options.Station, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, new JournalOptions { SegmentBytes = 2_000 }))
        {
            for (var i = 0; i < 30; i++) journal.Commit(Appliance.Tests.Journal.JournalBench.Draft());
            var (retention, deleted) = (new VerdictRetention(journal, LinuxFileSystem.Instance, clock), 0);
            var report = Look(at: 2, () =>
            {
                while (retention.DeleteOneAsync(clock.GetUtcNow(), TimeSpan.Zero, 6_000, journal.LastCommitted).GetAwaiter().GetResult()) deleted++;
            });
            Assert.True(deleted > 2);
            Assert.Empty(report.Findings);
        }
    }

    // The clock is asked at the first segment of each stream: facts first, then verdicts.
    private StateReport Look(int at, Action meanwhile) => StateExamination.Look(LinuxFileSystem.Instance, bench.Options.StateDirectory, new HookedTime { Hook = call => (call == at ? meanwhile : null)?.Invoke() }, new Progress(TextWriter.Null));

    private Task KeepAsync(int number) => bench.KeepPictureAsync(new(1, (ulong)number), [(byte)number], part: null, "verdict", DateTimeOffset.UnixEpoch);

    private sealed class HookedTime : TimeProvider
    {
        private int calls;

        public required Action<int> Hook { get; init; }

        public override DateTimeOffset GetUtcNow()
        {
            Hook(++calls);
            return base.GetUtcNow();
        }
    }
}
