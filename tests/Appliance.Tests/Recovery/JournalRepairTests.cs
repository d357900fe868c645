using Appliance.Journal;
using Appliance.Recovery;
using Appliance.Tests.Journal;
using Inference.Files;
using Testing.Files;

namespace Appliance.Tests.Recovery;

public sealed class JournalRepairTests : IDisposable
{
    private readonly JournalBench bench = new() { Options = new() { SegmentBytes = 2_500 } };

    private static CancellationToken Cancellation => Until.Cancellation;

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
    public async Task Repair_TwentyBytesOverwrittenAnywhere_LosesTheRecordsThatWereHitAndNoOther(bool facts)
    {
        var kind = facts ? StreamKind.Facts : StreamKind.Verdicts;
        await FillAsync(verdicts: 14, labels: 14);
        var random = new Random(7);
        for (var round = 0; round < 50; round++)
        {
            var paths = RawRecord.Segments(bench.State, kind);
            var path = paths[random.Next(paths.Count)];
            var bytes = File.ReadAllBytes(path);
            var place = random.Next(bytes.Length - 20);
            var kept = paths.SelectMany(RawRecord.In).Where(r => !r.IsLoss && !(r.Path == path && r.Overlaps(place, place + 20))).Select(r => r.Payload).ToList();
            for (var i = place; i < place + 20; i++) bytes[i] ^= (byte)(1 + random.Next(255));
            File.WriteAllBytes(path, bytes);

            var report = Repair();

            Assert.True(report.IsSound);
            Assert.Contains(report.Findings, f => f.Path == path && f.Remedy != Remedy.Named);
            Assert.True(JournalVerifier.Verify(bench.State).IsIntact, $"round {round}");
            // What the repair itself says stands behind them.
            var found = RawRecord.Segments(bench.State, kind).SelectMany(RawRecord.In).Where(r => !r.IsLoss).Select(r => r.Payload).ToList();
            Assert.Equal(kept, found.Take(kept.Count));
            Assert.True(facts || found.Count == kept.Count);
            Assert.True(Look().IsSound);
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

        var report = Repair();

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
        Assert.Contains("the verdicts", Look().Findings.Single().Means, StringComparison.Ordinal);

        Repair();

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

        Repair();

        await using var journal = bench.Open();
        Assert.True(journal.Epoch > 1000, $"epoch {journal.Epoch}");
        Assert.Equal(1u, journal.EpochFact.PreviousEpoch);
    }

    [Fact]
    public async Task Repair_FactsLostInTheMiddle_LeavesOutEpochsThatTheyMayHaveBegun()
    {
        await FillAsync(verdicts: 0, labels: 1);
        await FillAsync(verdicts: 0, labels: 1);
        Overwrite(StreamKind.Facts, record: 2);

        Repair();

        await using var journal = bench.Open();
        Assert.True(journal.Epoch > 1000, $"epoch {journal.Epoch}");
    }

    [Fact]
    public async Task Open_RepairWasCutOffBeforeItsFacts_LeavesOutTheEpochsAndTheNextRepairTellsOfIt()
    {
        await FillAsync(verdicts: 1, labels: 2);
        Overwrite(StreamKind.Facts, record: 1);
        var segment = bench.Segment(StreamKind.Facts);
        // The rewritten segment is there; the first fact is not.
        var files = new FaultyFileSystem(LinuxFileSystem.Instance) { FailWhen = (operation, path) => operation == FileOperation.Open && path == segment };
        Assert.ThrowsAny<Exception>(() => bench.Repair(files));
        var floor = RawRecord.In(segment).Where(r => r.IsLoss).Select(r => LostRecords.Decode(System.Text.Encoding.UTF8.GetBytes(r.Payload))!.EpochFloor).Single();
        Assert.True(floor > 1000);
        await using (var journal = bench.Open())
        {
            Assert.Equal(floor + 1, journal.Epoch);
            Assert.Empty(journal.ReadFacts().OfType<JournalRepaired>());
        }

        Assert.True(Repair().IsSound);

        await using var again = bench.Open();
        var fact = Assert.Single(again.ReadFacts().OfType<JournalRepaired>());
        Assert.Equal(("facts", 1ul, 1ul, floor), (fact.Stream, fact.FirstIndex, fact.Records, fact.EpochFloor));
    }

    [Fact]
    public async Task Repair_VerdictsOfAnEpochThatNoFactBegan_AreNamedAndTheIndexIsKept()
    {
        await FillAsync(verdicts: 1, labels: 0);
        var facts = File.ReadAllBytes(bench.Segment(StreamKind.Facts));
        await FillAsync(verdicts: 1, labels: 1);
        // Whole records cut from the end leave no trace among the facts.
        File.WriteAllBytes(bench.Segment(StreamKind.Facts), facts);
        var index = Directory.CreateDirectory(Path.Combine(bench.State, "index")).FullName;
        File.WriteAllText(Path.Combine(index, "samples.db"), "the last copy of labels");
        Assert.Contains(Look().Findings, f => f.Problem.Contains("epoch 2", StringComparison.Ordinal) && f.Remedy == Remedy.Lost);

        var report = Repair();

        Assert.True(report.IsSound);
        Assert.True(Look().IsSound);
        await using var journal = bench.Open();
        Assert.True(journal.Epoch > 1002, $"epoch {journal.Epoch}");
        var kept = Assert.Single(journal.ReadFacts().OfType<FileSetAside>());
        Assert.Equal("the last copy of labels", File.ReadAllText(Path.Combine(bench.State, kept.Original)));
    }

    [Fact]
    public async Task Repair_SegmentCannotBeRead_IsAFindingAndNothingOfItIsTouched()
    {
        await FillAsync(verdicts: 24, labels: 0);
        var path = bench.Segment(StreamKind.Verdicts, 2);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        // A directory in its place can be opened by nobody.
        Directory.CreateDirectory(path);

        var report = Repair();

        Assert.False(report.IsSound);
        Assert.Contains(report.Findings, f => f.Path == path && f.Remedy == Remedy.None);
        Directory.Delete(path);
        File.WriteAllBytes(path, bytes);
        Assert.True(Look().IsSound);
        await using var journal = bench.Open();
        Assert.Equal(24, JournalBench.ReadAll(journal).Count);
    }

    [Fact]
    public async Task Repair_StateInUse_IsRefusedAndVerifyStillLooks()
    {
        await using var journal = bench.Open();
        journal.Commit(JournalBench.Draft());
        Assert.Throws<JournalException>(() => Repair());
        var report = Look();
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
            return [.. new StreamSalvage(bench.State, kind, JournalBench.Station, [], 0, TimeProvider.System).Run("quarantine")];
        }
        finally
        {
            File.WriteAllBytes(path, right);
        }
    }

    private void Overwrite(StreamKind kind, int record)
    {
        var path = bench.Segment(kind);
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan((int)Offsets(path)[record], 60).Fill(0x55);
        File.WriteAllBytes(path, bytes);
    }

    private async Task FillAsync(int verdicts, int labels)
    {
        await using var journal = bench.Open();
        for (var i = 0; i < verdicts; i++) journal.Commit(JournalBench.Draft());
        for (var i = 0; i < labels; i++) await journal.AppendDurableAsync(JournalBench.Label($"1-{i}"), Cancellation);
    }

    private StateReport Repair() => bench.Repair();

    private StateReport Look() => bench.Look();

    private static List<long> Offsets(string path)
    {
        var offsets = new List<long>();
        using var reader = new SegmentReader(path);
        while (reader.Next(reader.FileBytes) == SegmentStep.Record) offsets.Add(reader.Offset);
        return offsets;
    }
}
