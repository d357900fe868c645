using System.Text.Json;
using Appliance.Inspection;
using Appliance.Journal;

namespace Appliance.Tests.Journal;

public sealed class StationJournalTests : IDisposable
{
    private readonly JournalBench bench = new();

    private static CancellationToken Cancellation => Until.Cancellation;

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Open_FirstTime_StartsEpochOneAsFirstFact()
    {
        await using var journal = bench.Open();
        Assert.Equal(1u, journal.Epoch);
        Assert.Equal(new EpochStarted(1, 0, 0, journal.EpochFact.Version) { At = journal.EpochFact.At }, Assert.Single(journal.ReadFacts()));
    }

    [Fact]
    public async Task Open_AfterVerdicts_NamesLastSequenceRecovered()
    {
        await using (var first = bench.Open())
        {
            for (var i = 0; i < 3; i++) first.Commit(JournalBench.Draft());
        }
        await using var second = bench.Open();
        Assert.Equal((2u, 1u, 3ul), (second.Epoch, second.EpochFact.PreviousEpoch, second.EpochFact.LastSequenceRecovered));
        Assert.Equal(new InspectionId(2, 1), second.Commit(JournalBench.Draft()));
    }

    [Fact]
    public async Task Commit_Verdict_IsReadBackWithItsIdentityInside()
    {
        await using var journal = bench.Open();
        var id = journal.Commit(JournalBench.Draft("left") with { Detail = "Größe", Probability = float.NaN });
        var (readId, json) = Assert.Single(JournalBench.ReadAll(journal));
        var message = JsonSerializer.Deserialize(json, VerdictJson.Default.VerdictMessage)!;
        Assert.Equal(id, readId);
        Assert.Equal((JournalBench.Station, 1u, 1ul, "left", "Größe", 0f), (message.Station, message.Epoch, message.Sequence, message.Camera, message.Detail, message.Probability));
        Assert.Equal(json, System.Text.Encoding.UTF8.GetString(journal.ReadVerdict(id)!));
        Assert.Null(journal.ReadVerdict(new(1, 2)));
    }

    [Fact]
    public async Task Commit_FromManyThreads_OrderOfFileIsOrderOfSequences()
    {
        bench.Options = new() { SegmentBytes = 20_000 };
        await using var journal = bench.Open();
        var given = await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
            Enumerable.Range(0, 100).Select(i => (Id: journal.Commit(JournalBench.Draft($"{t}/{i}")), Camera: $"{t}/{i}")).ToList())));
        var read = JournalBench.ReadAll(journal);
        Assert.Equal(Enumerable.Range(1, 800).Select(i => new InspectionId(1, (ulong)i)), read.Select(r => r.Id));
        var cameras = given.SelectMany(g => g).ToDictionary(g => g.Id, g => g.Camera);
        Assert.All(read, r => Assert.Contains($"\"camera\":\"{cameras[r.Id]}\"", r.Json, StringComparison.Ordinal));
        Assert.True(SegmentFiles.List(SegmentFiles.Directory(bench.State, StreamKind.Verdicts)).Count > 5);
    }

    [Fact]
    public async Task AppendDurable_ManyAtOnce_AllAreThereAfterReopening()
    {
        await using (var journal = bench.Open())
        {
            await Task.WhenAll(Enumerable.Range(0, 200).Select(i => journal.AppendDurableAsync(JournalBench.Label($"1-{i}"), Cancellation)));
        }
        await using var again = bench.Open();
        Assert.Equal(200, again.ReadFacts().OfType<SampleLabelled>().Select(f => f.Sample).Distinct().Count());
    }

    [Fact]
    public async Task Open_WhileOpen_IsRefusedAndSaysWhy()
    {
        await using var journal = bench.Open();
        var refused = Assert.Throws<JournalException>(() => bench.Open());
        Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_OtherStation_IsRefused()
    {
        await using (bench.Open())
        {
        }
        var refused = Assert.Throws<JournalException>(() => StationJournal.Open(
            Inference.Files.LinuxFileSystem.Instance, bench.State, "other", TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        Assert.Contains(JournalBench.Station, refused.Message, StringComparison.Ordinal);
    }
}
