using System.Formats.Tar;
using System.Text;
using Appliance.Journal;
using Appliance.Recovery;
using Appliance.Tests.Journal;
using Testing.Files;

namespace Appliance.Tests.Recovery;

public sealed class BackupTests : IDisposable
{
    private readonly JournalBench bench = new();
    private readonly TemporaryDirectory directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Tar => directory["b.tar"];

    private string Target => directory["state"];

    public void Dispose()
    {
        bench.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task Restore_OriginalWentOnAfterTheBackup_UsesNoIdentityAgain()
    {
        await using (var journal = bench.Open()) journal.Commit(JournalBench.Draft());
        Write();
        for (var i = 0; i < 5; i++)
        {
            await using var journal = bench.Open();
            journal.Commit(JournalBench.Draft());
        }
        var used = Ids(bench.State);
        Read(Target);
        Read(directory["twin"]);
        await using (var first = Open(Target)) Assert.DoesNotContain(first.Commit(JournalBench.Draft()), used);
        await using (var second = Open(directory["twin"])) Assert.DoesNotContain(second.Commit(JournalBench.Draft()), used.Concat(Ids(Target).Except(Ids(bench.State))));
        Assert.True(JournalVerifier.Verify(Target).IsIntact);
        // Once more from a backup of the restored life.
        new Backup(Target, TimeProvider.System, new Progress(TextWriter.Null)).Write(directory["c.tar"]);
        new Restore(directory["c.tar"], directory["third"], TimeProvider.System, new Progress(TextWriter.Null)).Run(false, null, "anna");
        await using var third = Open(directory["third"]);
        Assert.DoesNotContain(third.Commit(JournalBench.Draft()), Ids(Target));
    }

    [Fact]
    public async Task Restore_IntoAStateThatIsThere_NeedsReplaceAndMovesItAside()
    {
        await using (var journal = bench.Open()) journal.Commit(JournalBench.Draft());
        Write();
        var refused = Assert.Throws<BackupException>(() => Read(bench.State));
        Assert.Contains("--replace", refused.Message, StringComparison.Ordinal);
        var before = Ids(bench.State);
        await using (bench.Open()) Assert.Throws<JournalException>(() => Read(bench.State, replace: true));

        var done = Read(bench.State, replace: true);

        Assert.Equal(before, Ids(bench.State));
        Assert.Equal(before, Ids(done.OldState!));
        await using var again = bench.Open();
        Assert.Equal(done.NextEpoch, again.Epoch);
    }

    [Fact]
    public async Task Restore_AnotherStations_IsRefusedUntilTold()
    {
        await using (bench.Open())
        {
        }
        Write();
        Assert.Contains("press-3", Assert.Throws<BackupException>(() => Read(Target, station: "press-4")).Message, StringComparison.Ordinal);
        Assert.Empty(RestoreMark.Contents(Target));
        Read(Target, station: "press-3");
    }

    [Fact]
    public async Task Restore_CutOffAnywhereOrFlipped_IsRefusedAndLeavesNothing()
    {
        await using (var journal = bench.Open()) journal.Commit(JournalBench.Draft());
        Write();
        var whole = File.ReadAllBytes(Tar);
        var random = new Random(3);
        for (var round = 0; round < 40; round++)
        {
            var bytes = whole.ToArray();
            if (round < 20) bytes = bytes[..random.Next(bytes.Length - 1536)];
            else bytes[Data(bytes, random)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(Tar, bytes);
            Assert.Throws<BackupException>(() => Read(Target));
            Assert.Empty(RestoreMark.Contents(Target));
            Assert.Empty(RestoreMark.Stagings(Target));
        }
        File.WriteAllBytes(Tar, whole);
        Read(Target);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../outside")]
    [InlineData("journal/../../outside")]
    [InlineData("journal/.hidden")]
    [InlineData("lock")]
    [InlineData("quarantine/a")]
    public void Restore_HostileName_IsRefused(string name)
    {
        Hostile(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream("x"u8.ToArray()) });
        Assert.Contains("refused", Assert.Throws<BackupException>(() => Read(Target)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(directory["outside"]));
    }

    [Fact]
    public void Restore_HostileKindOrNewerVersion_IsRefused()
    {
        Hostile(new PaxTarEntry(TarEntryType.SymbolicLink, "journal/facts") { LinkName = "/etc" });
        Assert.Contains("no plain file", Assert.Throws<BackupException>(() => Read(Target)).Message, StringComparison.Ordinal);
        Hostile(new PaxTarEntry(TarEntryType.HardLink, "journal/facts") { LinkName = "/etc/passwd" });
        Assert.Throws<BackupException>(() => Read(Target));
        Hostile(new PaxTarEntry(TarEntryType.Fifo, "journal/facts"));
        Assert.Throws<BackupException>(() => Read(Target));
        Hostile(new PaxTarEntry(TarEntryType.RegularFile, "x"), version: 2);
        Assert.Contains("newer", Assert.Throws<BackupException>(() => Read(Target)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_RestoreWasCutOff_IsRefused()
    {
        await using (bench.Open())
        {
        }
        Write();
        RestoreMark.Set(Inference.Files.LinuxFileSystem.Instance, bench.State);
        Assert.Contains("cut off", Assert.Throws<JournalException>(() => bench.Open()).Message, StringComparison.Ordinal);
        Read(bench.State);
        await using var journal = bench.Open();
        Assert.True(journal.Epoch > 1);
    }

    [Fact]
    public async Task Backup_DamagedJournal_IsRefusedAndLeavesNoFile()
    {
        await using (var journal = bench.Open()) journal.Commit(JournalBench.Draft());
        var path = bench.Segment(StreamKind.Verdicts);
        var bytes = File.ReadAllBytes(path);
        bytes[200] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Throws<BackupException>(Write);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task Backup_WhileRunning_HasEveryFactAcknowledgedBefore()
    {
        await using var journal = bench.Open();
        for (var i = 0; i < 20; i++) await journal.AppendDurableAsync(JournalBench.Label($"1-{i}"), Cancellation);
        Write();
        Assert.Throws<BackupException>(Write);
        Read(Target);
        await using var restored = Open(Target);
        Assert.Equal(20, restored.ReadFacts().OfType<SampleLabelled>().Count());
    }

    private void Write() => new Backup(bench.State, TimeProvider.System, new Progress(TextWriter.Null)).Write(Tar);

    private RestoreResult Read(string state, bool replace = false, string? station = null) =>
        new Restore(Tar, state, TimeProvider.System, new Progress(TextWriter.Null)).Run(replace, station, "anna");

    private static StationJournal Open(string state) => StationJournal.Open(
        Inference.Files.LinuxFileSystem.Instance, state, JournalBench.Station, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    private static List<InspectionId> Ids(string state) => [.. VerdictSegments.ReadAll(state).Select(v => v.Id)];

    private void Hostile(TarEntry entry, int version = 1)
    {
        using var file = File.Create(Tar);
        using var tar = new TarWriter(file, TarEntryFormat.Pax);
        var head = $$"""{"format":"appliance-backup","schemaVersion":{{version}},"station":"press-3","epoch":1,"lastFact":0,"takenAt":"2026-01-01T00:00:00Z","version":"1"}""";
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, BackupHead.FileName) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(head)) });
        tar.WriteEntry(entry);
    }

    // A byte of a file in the archive; padding and times of entries mean nothing.
    private static int Data(byte[] tar, Random random)
    {
        var magic = Encoding.ASCII.GetBytes(random.Next(2) == 0 ? "IAJOURN\n" : "\"format\":");
        return tar.AsSpan().IndexOf(magic) + random.Next(100);
    }
}
