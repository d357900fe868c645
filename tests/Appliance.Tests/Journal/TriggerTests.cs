using Appliance.Journal;

namespace Appliance.Tests.Journal;

public sealed class TriggerTests : IDisposable
{
    private readonly JournalBench bench = new() { Options = new() { SegmentBytes = 2_000, TriggersRemembered = 20 } };

    private static CancellationToken Cancellation => Until.Cancellation;

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task TryAccept_SameIdAtOnce_IsNewOnce()
    {
        await using var journal = bench.Open();
        var accepted = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => journal.TryAcceptAsync(Trigger("t"), Cancellation)));
        Assert.Single(accepted, a => a);
        Assert.Single(journal.ReadFacts().OfType<TriggerAccepted>());
    }

    [Fact]
    public async Task Open_AfterARestart_KnowsAnswersAndWhatIsUnanswered()
    {
        InspectionId answer;
        await using (var journal = bench.Open())
        {
            for (var i = 0; i < 30; i++)
            {
                await journal.TryAcceptAsync(Trigger($"old {i}"), Cancellation);
                journal.Commit(JournalBench.Draft(trigger: $"old {i}"));
                journal.Commit(JournalBench.Draft());
            }
            await journal.TryAcceptAsync(Trigger("open"), Cancellation);
            await journal.TryAcceptAsync(Trigger("answered \"ü\""), Cancellation);
            answer = journal.Commit(JournalBench.Draft(trigger: "answered \"ü\""));
        }
        await using var again = bench.Open();
        Assert.Equal("open", Assert.Single(again.Unanswered).Trigger);
        Assert.True(again.Triggers.TryFind("answered \"ü\"", out var found));
        Assert.Equal(answer, found);
        Assert.True(again.Triggers.TryFind("old 20", out found) && found is not null);
        Assert.False(again.Triggers.TryFind("old 1", out _));
        Assert.True(again.TryFindVerdict("answered \"ü\"", out var id, out var json) && id == answer);
        Assert.Equal("answered \"ü\"", TriggerLog.TriggerOf(json));
        Assert.False(again.TryFindVerdict("open", out _, out _));
        Assert.False(await again.TryAcceptAsync(Trigger("open"), Cancellation));
        again.Commit(JournalBench.Draft(trigger: "open"));
        Assert.True(again.Triggers.TryFind("open", out found) && found == again.LastCommitted);
    }

    [Fact]
    public async Task TryAccept_BeyondWhatIsRemembered_NeverForgetsAnOpenOne()
    {
        await using (var journal = bench.Open())
        {
            Assert.True(await journal.TryAcceptAsync(Trigger("hangs"), Cancellation));
            await AcceptAndAnswerAsync(journal, 100);
            Assert.False(await journal.TryAcceptAsync(Trigger("hangs"), Cancellation));
        }

        // Twice: the second start finds it behind the marks of the first.
        for (var start = 0; start < 2; start++)
        {
            await using var again = bench.Open();
            Assert.Equal("hangs", Assert.Single(again.Unanswered).Trigger);
            await AcceptAndAnswerAsync(again, 100);
        }
    }

    [Fact]
    public async Task Open_AfterManyTriggers_KeepsNoMoreThanItMust()
    {
        await using (var journal = bench.Open()) await AcceptAndAnswerAsync(journal, 100);
        await using var again = bench.Open();
        Assert.Empty(again.Unanswered);
        Assert.Equal(4, again.ReadFacts().OfType<TriggersOpen>().Count());
        Assert.All(again.ReadFacts().OfType<TriggersOpen>(), mark => Assert.True(mark.Triggers.Count <= 1));
    }

    [Fact]
    public void Remove_ThenAddedAgain_IsForgottenInItsNewTurn()
    {
        var log = new TriggerLog(2);
        log.TryAdd("a");
        log.Remove("a");
        log.TryAdd("b");
        log.TryAdd("a");
        log.Answer("b", new(1, 1));
        log.Answer("a", new(1, 2));
        Assert.True(log.TryAdd("c"));
        log.Answer("c", new(1, 3));
        Assert.True(log.TryFind("a", out var verdict) && verdict == new InspectionId(1, 2));
        Assert.False(log.TryFind("b", out _));
        log.Remove("a");
        Assert.True(log.TryFind("a", out _));
    }

    [Fact]
    public async Task TryCommit_ASecondVerdictOfOneTrigger_IsNotCommitted()
    {
        await using var journal = bench.Open();
        await journal.TryAcceptAsync(Trigger("t"), Cancellation);
        var committed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => journal.TryCommit(JournalBench.Draft(trigger: "t"), out InspectionId _))));
        Assert.Single(committed, c => c);
        Assert.Single(JournalBench.ReadAll(journal));
        Assert.False(journal.TryCommit(JournalBench.Draft(trigger: "never accepted"), out _));
        Assert.Throws<InvalidOperationException>(() => journal.Commit(JournalBench.Draft(trigger: "t")));
    }

    private static async Task AcceptAndAnswerAsync(StationJournal journal, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var id = $"{journal.Epoch}/{Guid.NewGuid():n}";
            await journal.TryAcceptAsync(Trigger(id), Cancellation);
            journal.Commit(JournalBench.Draft(trigger: id));
        }
    }

    private static TriggerAccepted Trigger(string id) => new(id, "cam", null, "plate") { At = DateTimeOffset.UnixEpoch };
}
