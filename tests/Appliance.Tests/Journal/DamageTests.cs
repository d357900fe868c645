using Appliance.Journal;

namespace Appliance.Tests.Journal;

public sealed class DamageTests : IDisposable
{
    private readonly JournalBench bench = new();

    private static CancellationToken Cancellation => Until.Cancellation;

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_LastRecordTornAtEveryByte_CutsItAndGoesOn(bool zerosFollow)
    {
        await Fill(verdicts: 3);
        var path = bench.Segment(StreamKind.Verdicts);
        var whole = File.ReadAllBytes(path);
        var lastStart = Offsets(path)[^1];
        for (var cut = lastStart; cut < whole.Length; cut++)
        {
            File.WriteAllBytes(path, zerosFollow ? [.. whole[..(int)cut], .. new byte[whole.Length - cut]] : whole[..(int)cut]);
            await using var journal = bench.Open();
            Assert.Equal([1ul, 2ul], JournalBench.ReadAll(journal).Select(v => v.Id.Sequence));
            Assert.Equal(new InspectionId(1, 2), journal.LastCommitted);
            Assert.Equal(lastStart, new FileInfo(path).Length);
        }
    }

    [Fact]
    public async Task Verify_AnyBitFlipped_FindsIt()
    {
        await Fill(verdicts: 2, facts: 2);
        foreach (var kind in new[] { StreamKind.Facts, StreamKind.Verdicts })
        {
            var path = bench.Segment(kind);
            var whole = File.ReadAllBytes(path);
            for (var i = 0; i < whole.Length; i++)
            {
                var damaged = whole.ToArray();
                damaged[i] ^= (byte)(1 << (i % 8));
                File.WriteAllBytes(path, damaged);
                var report = JournalVerifier.Verify(bench.State);
                Assert.False(report.IsIntact, $"byte {i} of {kind}");
                Assert.Equal(path, report.Streams.Single(s => s.Damage is not null).Damage!.Path);
                var refused = Assert.Throws<JournalException>(() => bench.Open());
                Assert.Contains(path, refused.Message, StringComparison.Ordinal);
            }
            File.WriteAllBytes(path, whole);
        }
        Assert.True(JournalVerifier.Verify(bench.State).IsIntact);
    }

    [Fact]
    public async Task Verify_RecordRewrittenWithItsChecksums_BreaksTheChain()
    {
        await Fill(verdicts: 3);
        var path = bench.Segment(StreamKind.Verdicts);
        var bytes = File.ReadAllBytes(path);
        var at = (int)Offsets(path)[1];
        var ok = bytes.AsSpan(at).IndexOf("\"OK\""u8);
        "\"NG\""u8.CopyTo(bytes.AsSpan(at + ok));
        Assert.True(RecordHead.TryRead(bytes.AsSpan(at, RecordHead.SizeBytes), out var head));
        (head with { PayloadCrc = Inference.Files.Crc32C.Of(bytes.AsSpan(at + RecordHead.SizeBytes, head.PayloadBytes)) }).Write(bytes.AsSpan(at));
        RecordHead.WriteChecksum(bytes.AsSpan(at, RecordHead.SizeBytes));
        File.WriteAllBytes(path, bytes);
        var damage = JournalVerifier.Verify(bench.State).Streams[1].Damage!;
        Assert.Equal((long)at, damage.Offset);
        Assert.Contains("chain", damage.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_SegmentExchangedOrMissing_IsDamage()
    {
        bench.Options = new() { SegmentBytes = 1_000 };
        await Fill(verdicts: 9);
        Assert.True(JournalVerifier.Verify(bench.State).IsIntact);
        var aside = bench.State + ".aside";
        File.Move(bench.Segment(StreamKind.Verdicts, 2), aside);
        Assert.Equal(bench.Segment(StreamKind.Verdicts, 3), JournalVerifier.Verify(bench.State).Streams[1].Damage!.Path);
        File.Copy(bench.Segment(StreamKind.Verdicts, 3), bench.Segment(StreamKind.Verdicts, 2));
        Assert.Equal(bench.Segment(StreamKind.Verdicts, 2), JournalVerifier.Verify(bench.State).Streams[1].Damage!.Path);
        File.Move(aside, bench.Segment(StreamKind.Verdicts, 2), overwrite: true);
        Assert.True(JournalVerifier.Verify(bench.State).IsIntact);
    }

    [Fact]
    public async Task Verify_FirstSegmentsDeleted_NeedsTheAnchor()
    {
        bench.Options = new() { SegmentBytes = 1_000 };
        await Fill(verdicts: 9);
        SegmentHeader header;
        using (var third = new SegmentReader(bench.Segment(StreamKind.Verdicts, 3))) header = third.Header!;
        File.Delete(bench.Segment(StreamKind.Verdicts, 1));
        File.Delete(bench.Segment(StreamKind.Verdicts, 2));
        Assert.False(JournalVerifier.Verify(bench.State).IsIntact);
        await using (var journal = bench.Open())
        {
            await journal.AppendDurableAsync(
                new VerdictsAnchored(3, header.FirstIndex, Convert.ToHexStringLower(header.PreviousHash), "1-4") { At = DateTimeOffset.UnixEpoch }, Cancellation);
            Assert.NotEmpty(JournalBench.ReadAll(journal));
        }
        Assert.True(JournalVerifier.Verify(bench.State).IsIntact);
    }

    [Fact]
    public async Task Open_SegmentBegunButNotWritten_IsRemoved()
    {
        await Fill(verdicts: 3);
        File.WriteAllBytes(bench.Segment(StreamKind.Verdicts, 2), new byte[17]);
        await using var journal = bench.Open();
        Assert.Equal(3ul, journal.EpochFact.LastSequenceRecovered);
        Assert.False(File.Exists(bench.Segment(StreamKind.Verdicts, 2)));
    }

    private async Task Fill(int verdicts, int facts = 0)
    {
        await using var journal = bench.Open();
        for (var i = 0; i < verdicts; i++) journal.Commit(JournalBench.Draft());
        for (var i = 0; i < facts; i++) await journal.AppendDurableAsync(JournalBench.Label($"1-{i}"), Cancellation);
    }

    private static List<long> Offsets(string path)
    {
        var offsets = new List<long>();
        using var reader = new SegmentReader(path);
        while (reader.Next(reader.FileBytes) == SegmentStep.Record) offsets.Add(reader.Offset);
        return offsets;
    }
}
