using Appliance.Journal;
using Appliance.Tests.Hosting;
using Inference.Files;
using Microsoft.Extensions.Logging;
using Testing.Files;

namespace Appliance.Tests.Journal;

public sealed class JournalKeeperTests : IAsyncLifetime
{
    private const int Back = 3021;
    private const int OnReserve = 3022;
    private const int Whole = 3023;
    private readonly JournalBench bench = new();
    private readonly FaultyFileSystem files = new(LinuxFileSystem.Instance);
    private readonly LogEvents<JournalKeeper> log = new();
    private readonly List<string> failing = [];
    private StationJournal? journal;
    private JournalKeeper? keeper;

    private static CancellationToken Cancellation => Until.Cancellation;

    public ValueTask InitializeAsync()
    {
        files.FailWhen = (operation, path) =>
        {
            lock (failing) return failing.Any(f => path.Contains(f.Split(' ')[0], StringComparison.Ordinal) && f.EndsWith(operation.ToString(), StringComparison.Ordinal));
        };
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (keeper is not null) await keeper.StopAsync(Cancellation);
        keeper?.Dispose();
        if (journal is not null) await journal.DisposeAsync();
        bench.Dispose();
    }

    [Theory]
    [InlineData("verdicts Sync")]
    [InlineData("facts Sync")]
    public async Task Run_AStreamThatCannotBeSynced_IsReopenedOnceTheDiskIsWell(string fault)
    {
        await StartAsync();
        var kept = journal!.Commit(JournalBench.Draft());
        Fail(fault);
        var label = journal.AppendDurableAsync(JournalBench.Label("1-1"), Cancellation);
        journal.Commit(JournalBench.Draft());
        await Until.HoldsAsync(() => journal.Trouble is not null);
        await Assert.ThrowsAsync<JournalException>(() => journal.TryAcceptAsync(new("t1", "c1", null, "r") { At = DateTimeOffset.UnixEpoch }, Cancellation));
        Heal();
        await log.SaidAsync(Back);
        Assert.Null(journal.Trouble);
        await label;
        Assert.True(await journal.TryAcceptAsync(new("t1", "c1", null, "r") { At = DateTimeOffset.UnixEpoch }, Cancellation));
        journal.Commit(JournalBench.Draft());
        Assert.Equal(kept, JournalBench.ReadAll(journal)[0].Id);
        Assert.True(JournalVerifier.Verify(bench.State).IsIntact);
    }

    [Fact]
    public async Task Run_PicturesThatWentByUnrecorded_AreToldInAFact()
    {
        await StartAsync();
        Fail("facts Write", "verdicts Write");
        journal!.Unrecorded.Add(DateTimeOffset.UnixEpoch, "full");
        journal.Unrecorded.Add(DateTimeOffset.UnixEpoch.AddSeconds(1), "full");
        Assert.Throws<JournalException>(() => journal.Commit(JournalBench.Draft()));
        Assert.Contains("Free space", journal.Trouble, StringComparison.Ordinal);
        Heal();
        await log.SaidAsync(Back);
        var fact = Assert.Single(journal.ReadFacts().OfType<PicturesUnrecorded>());
        Assert.Equal((2, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(1), "full"), (fact.Pictures, fact.From, fact.To, fact.Why));
        Assert.Equal((2, null), (journal.Unrecorded.Total, journal.Unrecorded.Open));
    }

    [Fact]
    public async Task Commit_DiskFull_LivesOnTheReserveStepByStepUntilThereIsRoom()
    {
        bench.Options = new() { ReserveBytes = 1600 };
        await StartAsync();
        Assert.Equal(1600, journal!.Reserve.LeftBytes);
        Fail("reserve Allocate");
        var faults = files.FailWhen!;
        var writes = 0;
        files.FailWhen = (operation, path) => faults(operation, path) || (operation == FileOperation.Write && path.Contains("verdicts", StringComparison.Ordinal) && writes++ < 2);
        journal.Commit(JournalBench.Draft());
        Assert.Equal(1400, journal.Reserve.LeftBytes);
        Assert.Null(journal.Trouble);
        await log.SaidAsync(OnReserve);
        Heal();
        await log.SaidAsync(Whole);
        Assert.Equal(1600, journal.Reserve.LeftBytes);
    }

    [Fact]
    public async Task Run_DiskStaysFull_IsNotSaidToBeBackBeforeARecordIsTaken()
    {
        await StartAsync();
        var tried = 0;
        files.FailWhen = (operation, path) => operation == FileOperation.Write && path.Contains("verdicts", StringComparison.Ordinal) && Interlocked.Increment(ref tried) > 0;
        Assert.Throws<JournalException>(() => journal!.Commit(JournalBench.Draft()));
        Until.Holds(() => Volatile.Read(ref tried) >= 4, () =>
        {
            Assert.NotNull(journal!.Trouble);
            Assert.Empty(log.At(LogLevel.Warning));
        });
        files.FailWhen = null;
        await log.SaidAsync(Back);
        Assert.Equal(1ul, journal!.Commit(JournalBench.Draft()).Sequence);
    }

    [Fact]
    public async Task Trouble_OfOneStream_IsNotOverBecauseTheOtherTakesRecords()
    {
        await StartAsync(keep: false);
        Fail("verdicts Write");
        Assert.Throws<JournalException>(() => journal!.Commit(JournalBench.Draft()));
        await journal!.AppendDurableAsync(JournalBench.Label("1-1"), Cancellation);
        Assert.Contains("verdicts", journal.Trouble, StringComparison.Ordinal);
    }

    private async Task StartAsync(bool keep = true)
    {
        journal = bench.Open(files);
        if (!keep) return;
        keeper = new JournalKeeper(journal, TimeProvider.System, log);
        await keeper.StartAsync(Cancellation);
    }

    private void Fail(params string[] faults)
    {
        lock (failing) failing.AddRange(faults);
    }

    private void Heal()
    {
        lock (failing) failing.Clear();
    }
}
