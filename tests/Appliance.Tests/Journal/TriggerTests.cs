using Appliance.Journal;

namespace Appliance.Tests.Journal;

public sealed class TriggerTests : IDisposable
{
    private readonly JournalBench bench = new() { Options = new() { SegmentBytes = 2_000, TriggersRemembered = 20 } };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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

    private static TriggerAccepted Trigger(string id) => new(id, "cam", null, "plate") { At = DateTimeOffset.UnixEpoch };
}
