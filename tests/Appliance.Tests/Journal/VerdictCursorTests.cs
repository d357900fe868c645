using Appliance.Journal;

namespace Appliance.Tests.Journal;

public sealed class VerdictCursorTests : IDisposable
{
    private readonly JournalBench bench = new() { Options = new() { SegmentBytes = 2_000 } };

    private static CancellationToken Cancellation => Until.Cancellation;

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task TryRead_FromAnyVerdict_GoesOnAcrossSegmentsAndEpochs()
    {
        var all = new List<InspectionId>();
        for (var epoch = 0; epoch < 3; epoch++)
        {
            await using var journal = bench.Open();
            for (var i = 0; i < 7; i++) all.Add(journal.Commit(JournalBench.Draft()));
        }
        await using var last = bench.Open();
        for (var i = 0; i < all.Count; i++) Assert.Equal(all[(i + 1)..], JournalBench.ReadAll(last, all[i]).Select(r => r.Id));
        foreach (var id in all) Assert.Contains($"\"epoch\":{id.Epoch},\"sequence\":{id.Sequence},", System.Text.Encoding.UTF8.GetString(last.ReadVerdict(id)!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitForMore_Commit_WakesTheReader()
    {
        await using var journal = bench.Open();
        using var cursor = journal.OpenVerdicts(default);
        for (var i = 1; i <= 50; i++)
        {
            Assert.False(cursor.TryRead(out _, out _));
            var wait = cursor.WaitForMoreAsync(Cancellation);
            Assert.False(wait.IsCompleted);
            var committed = journal.Commit(JournalBench.Draft());
            await wait.WaitAsync(Until.Limit, Cancellation);
            Assert.True(cursor.TryRead(out var id, out _));
            Assert.Equal(committed, id);
        }
    }

    [Fact]
    public async Task TryRead_WhileOthersCommit_MissesNothing()
    {
        await using var journal = bench.Open();
        var reader = Task.Run(async () =>
        {
            using var cursor = journal.OpenVerdicts(default);
            ulong expected = 1;
            while (expected <= 500)
            {
                while (cursor.TryRead(out var id, out _)) Assert.Equal(new InspectionId(1, expected++), id);
                if (expected <= 500) await cursor.WaitForMoreAsync(Cancellation);
            }
        }, Cancellation);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 125; i++) journal.Commit(JournalBench.Draft());
        })));
        await reader;
    }
}
