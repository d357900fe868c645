using Appliance.Journal;
using Inference.Files;
using Testing.Files;

namespace Appliance.Tests.Journal;

public sealed class PowerCutTests : IDisposable
{
    private readonly JournalBench bench = new() { Options = new() { SegmentBytes = 1_500 } };

    private static CancellationToken Cancellation => Until.Cancellation;

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commit_PowerCutAgainAndAgain_LosesNoFactAndNeverGivesAnIdentityTwice(bool torn)
    {
        var files = new PowerCutFileSystem(bench.State);
        var random = new Random(7);
        var acknowledged = new List<string>();
        var seen = new Dictionary<InspectionId, string>();
        for (var round = 0; round < 25; round++)
        {
            var journal = bench.Open(files);
            Assert.Equal((uint)round + 1, journal.Epoch);
            foreach (var (id, json) in JournalBench.ReadAll(journal)) Assert.Equal(seen[id], json);
            Assert.Equal(acknowledged, journal.ReadFacts().OfType<SampleLabelled>().Select(f => f.Sample).Where(acknowledged.Contains));
            for (var i = random.Next(12); i > 0; i--)
            {
                var id = journal.Commit(JournalBench.Draft($"{round}/{i}"));
                seen.Add(id, System.Text.Encoding.UTF8.GetString(journal.ReadVerdict(id)!));
                if (random.Next(3) > 0) continue;
                await journal.AppendDurableAsync(JournalBench.Label($"{round}-{i}"), Cancellation);
                acknowledged.Add($"{round}-{i}");
            }
            files.CutPower(torn ? random : null);
            await journal.DisposeAsync();
            var report = JournalVerifier.Verify(bench.State);
            Assert.True(report.IsIntact, string.Join(' ', report.Streams));
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task AnyOperationFails_NothingAcknowledgedIsMissing(bool tornWrites, bool keepFailing)
    {
        for (var failAt = 1; ; failAt++)
        {
            using var one = new JournalBench { Options = bench.Options };
            var files = new FaultyFileSystem(LinuxFileSystem.Instance) { FailAt = failAt, KeepFailing = keepFailing, TornWrites = tornWrites };
            var (facts, verdicts) = (new List<string>(), new List<InspectionId>());
            try
            {
                await using var journal = one.Open(files);
                for (var i = 1; i <= 8; i++)
                {
                    Attempt(() => verdicts.Add(journal.Commit(JournalBench.Draft())));
                    if (await IsDurableAsync(journal, $"1-{i}")) facts.Add($"1-{i}");
                }
                Attempt(journal.Mend);
            }
            catch (JournalException)
            {
                Assert.Empty(verdicts);
            }
            var verified = JournalVerifier.Verify(one.State);
            Assert.True(verified.IsIntact, $"failing {failAt}: {string.Join(' ', verified.Streams)}");
            await using var again = one.Open();
            Assert.Equal(facts, again.ReadFacts().OfType<SampleLabelled>().Select(f => f.Sample).Where(facts.Contains));
            Assert.Equal(verdicts, JournalBench.ReadAll(again).Select(v => v.Id));
            if (files.Operations < failAt) return;
        }
    }

    [Fact]
    public async Task Mend_AfterFailedSync_KeepsEveryVerdictAndItsIdentity()
    {
        var fails = false;
        var files = new FaultyFileSystem(LinuxFileSystem.Instance) { FailWhen = (operation, path) => fails && operation == FileOperation.Sync && path.Contains("verdicts", StringComparison.Ordinal) };
        await using var journal = bench.Open(files);
        using var cursor = journal.OpenVerdicts(default);
        var ids = new List<InspectionId> { journal.Commit(JournalBench.Draft()) };
        await journal.AppendDurableAsync(JournalBench.Label("1-1"), Cancellation);
        Assert.True(cursor.TryRead(out _, out _));
        fails = true;
        ids.Add(journal.Commit(JournalBench.Draft()));
        Assert.True(cursor.TryRead(out _, out _));
        await Until.HoldsAsync(() => journal.Trouble is not null);
        Assert.Throws<JournalException>(() => journal.Commit(JournalBench.Draft()));
        Assert.Throws<JournalException>(journal.Mend);
        fails = false;
        journal.Mend();
        Assert.Null(journal.Trouble);
        ids.Add(journal.Commit(JournalBench.Draft()));
        Assert.Equal(ids, JournalBench.ReadAll(journal).Select(v => v.Id));
        Assert.True(cursor.TryRead(out var next, out _));
        Assert.Equal(ids[^1], next);
        Assert.True(JournalVerifier.Verify(bench.State).IsIntact);
    }

    // Mended once whenever it fails; what is not known by then never is.
    private static async Task<bool> IsDurableAsync(StationJournal journal, string sample)
    {
        try
        {
            var durable = journal.AppendDurableAsync(JournalBench.Label(sample), Cancellation);
            await Until.HoldsAsync(() => durable.IsCompleted || journal.Trouble is not null);
            Attempt(journal.Mend);
            if (journal.Trouble is not null) journal.StopWaiting();
            await durable;
            return true;
        }
        catch (JournalException)
        {
            Attempt(journal.Mend);
            return false;
        }
    }

    private static void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (JournalException)
        {
            // Refused is fine; said to be done and missing is not.
        }
    }
}
