using Appliance.Journal;
using Appliance.Recovery;
using Appliance.Tests.Journal;

namespace Appliance.Tests.Recovery;

public sealed class JournalRepairTests : IDisposable
{
    private readonly JournalBench bench = new() { Options = new() { SegmentBytes = 2_500 } };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Repair_AnyBitFlipped_RestoresEveryByte(bool facts)
    {
        var kind = facts ? StreamKind.Facts : StreamKind.Verdicts;
        await FillAsync(verdicts: 5, labels: 4);
        var path = bench.Segment(kind);
        var right = File.ReadAllBytes(path);
        for (var i = 0; i < right.Length; i++)
        {
            var damaged = right.ToArray();
            damaged[i] ^= (byte)(1 << (i % 8));
            var segment = Salvage(kind, damaged)[0];
            Assert.Equal(right, segment.Whole);
            Assert.True(Assert.Single(segment.Losses).Mended, $"byte {i}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Repair_TwentyBytesOverwrittenAnywhere_KeepsEveryOtherRecordAndTheChain(bool facts)
    {
        var kind = facts ? StreamKind.Facts : StreamKind.Verdicts;
        await FillAsync(verdicts: 14, labels: 14);
        var random = new Random(7);
        for (var round = 0; round < 50; round++)
        {
            var segments = SegmentFiles.List(SegmentFiles.Directory(bench.State, kind));
            var path = bench.Segment(kind, segments[random.Next(segments.Count)]);
            var bytes = File.ReadAllBytes(path);
            random.NextBytes(bytes.AsSpan(random.Next(bytes.Length - 20), 20));
            File.WriteAllBytes(path, bytes);
            var before = Readable(kind);

            var report = StateExamination.Repair(bench.State, TimeProvider.System, new Progress(TextWriter.Null));

            Assert.True(report.IsSound);
            Assert.Contains(report.Findings, f => f.Path == path && f.Remedy != Remedy.Named);
            Assert.True(JournalVerifier.Verify(bench.State).IsIntact, $"round {round}");
            Assert.Empty(before.Except(Readable(kind)));
            Assert.True(StateExamination.Look(bench.State, TimeProvider.System, new Progress(TextWriter.Null)).IsSound);
        }
        await using var journal = bench.Open();
        Assert.Equal(1ul, journal.Commit(JournalBench.Draft()).Sequence);
        Assert.NotEmpty(journal.ReadFacts().OfType<JournalRepaired>());
    }

    [Fact]
    public async Task Repair_RecordOverwritten_NamesWhatIsLostAndGoesOn()
    {
        await FillAsync(verdicts: 4, labels: 0);
        var path = bench.Segment(StreamKind.Verdicts);
        var bytes = File.ReadAllBytes(path);
        var second = Offsets(path)[1];
        bytes.AsSpan((int)second + 10, 150).Fill(0x55);
        File.WriteAllBytes(path, bytes);

        var report = StateExamination.Repair(bench.State, TimeProvider.System, new Progress(TextWriter.Null));

        var finding = Assert.Single(report.Findings);
        Assert.Equal((second, Remedy.Lost), (finding.Offset, finding.Remedy));
        Assert.Contains("the verdicts between 1-1 and 1-3", finding.Means, StringComparison.Ordinal);
        await using var journal = bench.Open();
        var fact = Assert.Single(journal.ReadFacts().OfType<JournalRepaired>());
        Assert.Equal(("verdicts", "1-1", "1-3", 1ul), (fact.Stream, fact.After, fact.Before, fact.Records));
        Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(bench.State, fact.Original)));
        Assert.Equal([1ul, 3ul, 4ul], JournalBench.ReadAll(journal).Select(v => v.Id.Sequence));
        Assert.Null(journal.ReadVerdict(new(1, 2)));
        Assert.NotNull(journal.ReadVerdict(new(1, 3)));
        Assert.Equal(1u, JournalVerifier.Verify(bench.State).Streams[1].Lost.Single().Count);
    }

    [Fact]
    public async Task Repair_SegmentMissing_NamesTheVerdictsOfIt()
    {
        await FillAsync(verdicts: 24, labels: 0);
        ulong first;
        using (var third = new SegmentReader(bench.Segment(StreamKind.Verdicts, 3))) first = third.PeekFirst()!.Value.Id.Sequence;
        File.Delete(bench.Segment(StreamKind.Verdicts, 2));
        Assert.Contains("the verdicts", StateExamination.Look(bench.State, TimeProvider.System, new Progress(TextWriter.Null)).Findings.Single().Means, StringComparison.Ordinal);

        StateExamination.Repair(bench.State, TimeProvider.System, new Progress(TextWriter.Null));

        await using var journal = bench.Open();
        Assert.Contains(new InspectionId(1, first), JournalBench.ReadAll(journal).Select(v => v.Id));
        Assert.DoesNotContain(new InspectionId(1, first - 1), JournalBench.ReadAll(journal).Select(v => v.Id));
        Assert.True(JournalVerifier.Verify(bench.State).IsIntact);
    }

    [Fact]
    public async Task Repair_LastFactsLost_LeavesOutEpochsThatTheyMayHaveBegun()
    {
        await FillAsync(verdicts: 0, labels: 0);
        await using (bench.Open())
        {
        }
        var path = bench.Segment(StreamKind.Facts);
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan((int)Offsets(path)[^1], 60).Fill(0x55);
        File.WriteAllBytes(path, bytes);

        StateExamination.Repair(bench.State, TimeProvider.System, new Progress(TextWriter.Null));

        await using var journal = bench.Open();
        Assert.True(journal.Epoch > 1000, $"epoch {journal.Epoch}");
        Assert.Equal(1u, journal.EpochFact.PreviousEpoch);
    }

    [Fact]
    public async Task Repair_StateInUse_IsRefusedAndVerifyStillLooks()
    {
        await using var journal = bench.Open();
        journal.Commit(JournalBench.Draft());
        Assert.Throws<JournalException>(() => StateExamination.Repair(bench.State, TimeProvider.System, new Progress(TextWriter.Null)));
        var report = StateExamination.Look(bench.State, TimeProvider.System, new Progress(TextWriter.Null));
        Assert.True(report.IsSound);
        Assert.False(report.IndexChecked);
    }

    private IReadOnlyList<SalvagedSegment> Salvage(StreamKind kind, byte[] damaged)
    {
        var path = bench.Segment(kind);
        var right = File.ReadAllBytes(path);
        File.WriteAllBytes(path, damaged);
        try
        {
            return [.. new StreamSalvage(bench.State, kind, JournalBench.Station, [], TimeProvider.System).Run("quarantine")];
        }
        finally
        {
            File.WriteAllBytes(path, right);
        }
    }

    private HashSet<string> Readable(StreamKind kind)
    {
        var records = new HashSet<string>();
        void Add(RecordHead head, ReadOnlyMemory<byte> payload)
        {
            if (head.Type != RecordType.Lost) records.Add(System.Text.Encoding.UTF8.GetString(payload.Span));
        }
        foreach (var _ in new StreamSalvage(bench.State, kind, JournalBench.Station, [], TimeProvider.System).Run("quarantine", Add))
        {
        }
        return records;
    }

    private async Task FillAsync(int verdicts, int labels)
    {
        await using var journal = bench.Open();
        for (var i = 0; i < verdicts; i++) journal.Commit(JournalBench.Draft());
        for (var i = 0; i < labels; i++) await journal.AppendDurableAsync(JournalBench.Label($"1-{i}"), Cancellation);
    }

    private static List<long> Offsets(string path)
    {
        var offsets = new List<long>();
        using var reader = new SegmentReader(path);
        while (reader.Next(reader.FileBytes) == SegmentStep.Record) offsets.Add(reader.Offset);
        return offsets;
    }
}
