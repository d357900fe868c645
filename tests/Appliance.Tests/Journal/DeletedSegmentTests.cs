using Appliance.Journal;

namespace Appliance.Tests.Journal;

/// <summary>Verdicts that are read while a retention deletes their segments.</summary>
public sealed class DeletedSegmentTests : IDisposable
{
    private readonly JournalBench bench = new() { Options = new() { SegmentBytes = 2000 } };

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task TryRead_NextSegmentsDeletedUnderIt_GoesOnWithTheFirstThatIsThere()
    {
        await using var journal = bench.Open();
        for (var i = 0; i < 40; i++) journal.Commit(JournalBench.Draft());
        using var cursor = journal.OpenVerdicts(default);
        Assert.True(cursor.TryRead(out _, out _));
        for (var number = 1u; number <= 3; number++) File.Delete(bench.Segment(StreamKind.Verdicts, number));

        var read = new List<InspectionId>();
        while (cursor.TryRead(out var id, out _)) read.Add(id);

        Assert.Equal(new InspectionId(1, 40), read[^1]);
        var left = JournalBench.ReadAll(journal).Select(v => v.Id).ToList();
        Assert.Equal(left, read.TakeLast(left.Count));
        Assert.True(read.Count < 39);
    }

    [Fact]
    public void Again_FilesGoAsOftenAsTheyMay_LooksAgainAndThenSaysSo()
    {
        var looks = 0;
        Assert.Equal("there", VerdictSegments.Again("verdicts", () => ++looks < 5 ? throw new FileNotFoundException("gone") : "there"));
        var refused = Assert.Throws<JournalException>(() => VerdictSegments.Again<string>("verdicts", () => throw new FileNotFoundException("gone")));
        Assert.Contains("'verdicts' are deleted or moved faster than they can be read: gone", refused.Message, StringComparison.Ordinal);
    }
}
