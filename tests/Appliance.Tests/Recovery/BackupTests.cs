using System.Formats.Tar;
using System.Globalization;
using System.Text;
using Appliance.Journal;
using Appliance.Recovery;
using Appliance.Tests.Journal;
using Inference.Files;
using Microsoft.Extensions.Time.Testing;
using Testing.Files;

namespace Appliance.Tests.Recovery;

public sealed class BackupTests : IDisposable
{
    private readonly JournalBench bench = new();
    private readonly TemporaryDirectory directory = new();

    private static CancellationToken Cancellation => Until.Cancellation;

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
        new Backup(LinuxFileSystem.Instance, Target, TimeProvider.System, new Progress(TextWriter.Null)).Write(directory["c.tar"]);
        new Restore(LinuxFileSystem.Instance, directory["c.tar"], directory["third"], TimeProvider.System, new Progress(TextWriter.Null)).Run(false, null, "anna");
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
        RestoreMark.Set(LinuxFileSystem.Instance, bench.State, new(null, IsAside: false));
        Assert.Contains("cut off", Assert.Throws<JournalException>(() => bench.Open()).Message, StringComparison.Ordinal);
        Assert.Throws<JournalException>(bench.Look);
        Assert.Throws<JournalException>(() => bench.Repair());
        Assert.Throws<JournalException>(() => new Backup(LinuxFileSystem.Instance, bench.State, TimeProvider.System, new Progress(TextWriter.Null)).Write(directory["c.tar"]));
        Read(bench.State, replace: true);
        await using var journal = bench.Open();
        Assert.True(journal.Epoch > 1);
    }

    [Fact]
    public async Task Restore_TheSameBackupAgain_GoesBeyondEveryEpochThatWasPublished()
    {
        await using (bench.Open())
        {
        }
        Write();
        var last = 1u;
        for (var i = 0; i < 8; i++)
        {
            var done = Read(bench.State, replace: true);
            Assert.True(done.NextEpoch > last, $"restore {i}: epoch {done.NextEpoch} after {last}");
            await using var journal = bench.Open();
            last = journal.Epoch;
        }
    }

    [Fact]
    public async Task Restore_IntoAnotherDirectoryDaysLater_GoesBeyondTheFirst()
    {
        await using (bench.Open())
        {
        }
        Write();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var last = 0u;
        for (var i = 0; i < 4; i++)
        {
            var done = new Restore(LinuxFileSystem.Instance, Tar, directory[$"machine{i}"], time, new Progress(TextWriter.Null)).Run(false, null, "anna");
            Assert.True(done.NextEpoch > last, $"restore {i}: epoch {done.NextEpoch} after {last}");
            last = done.NextEpoch;
            time.Advance(TimeSpan.FromDays(2));
        }
    }

    [Theory]
    [InlineData(12u, 0, "1970-01-01", "1970-01-02")]
    [InlineData(12u, 12, "2026-06-01", "2026-05-01")]
    [InlineData(4_000_000_000u, 4_000_000_000, "2026-06-01", "2026-06-02")]
    public void Floor_ClockIsWrong_IsFarBeyondWhatIsKnown(uint known, long above, string takenAt, string now)
    {
        var floor = RestoredEpochs.Floor(known, DateTimeOffset.Parse(takenAt + "Z", CultureInfo.InvariantCulture), DateTimeOffset.Parse(now + "Z", CultureInfo.InvariantCulture));
        Assert.True(floor >= above + 1_000_000, $"{floor}");
    }

    [Fact]
    public void Floor_NoEpochsLeft_IsNone() => Assert.Null(RestoredEpochs.Floor(uint.MaxValue - 5, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch));

    [Fact]
    public async Task Restore_OldStateIsDamaged_StillGoesBeyondItsEpochs()
    {
        await using (bench.Open())
        {
        }
        Write();
        var first = Read(bench.State, replace: true).NextEpoch;
        await using (var journal = bench.Open()) journal.Commit(JournalBench.Draft());
        // The start of the facts is gone, and with it every record's place.
        var bytes = File.ReadAllBytes(bench.Segment(StreamKind.Facts));
        bytes.AsSpan(0, 300).Fill(0x55);
        File.WriteAllBytes(bench.Segment(StreamKind.Facts), bytes);
        Assert.True(Read(bench.State, replace: true, JournalBench.Station).NextEpoch > first);
    }

    [Fact]
    public async Task Backup_DiskIsFull_LeavesNoFile()
    {
        await using (var journal = bench.Open()) journal.Commit(JournalBench.Draft());
        for (var failAt = 1; ; failAt++)
        {
            var files = new FaultyFileSystem(LinuxFileSystem.Instance) { FailAt = failAt, TornWrites = true };
            try
            {
                new Backup(files, bench.State, TimeProvider.System, new Progress(TextWriter.Null)).Write(Tar);
            }
            catch (IOException)
            {
                // The last one only syncs the name.
                if (File.Exists(Tar)) File.Delete(Tar);
                Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
                continue;
            }
            if (files.Operations < failAt) return;
            File.Delete(Tar);
        }
    }

    [Fact]
    public async Task Backup_OthersLeftTheirTemporaryFiles_DeletesThoseOfTheDead()
    {
        await using (bench.Open())
        {
        }
        var (dead, alive) = (directory[".b.tar.0123456789ab.tmp"], directory[".b.tar.ba9876543210.tmp"]);
        File.WriteAllText(dead, "x");
        await using (new FileStream(alive, FileMode.CreateNew, FileAccess.Write, FileShare.None)) Write();
        Assert.False(File.Exists(dead));
        Assert.True(File.Exists(alive));
    }

    [Fact]
    public async Task Backup_FileOfAForeignName_IsLeftOutAndSaid()
    {
        await using (bench.Open())
        {
        }
        var strange = Path.Combine(Directory.CreateDirectory(Path.Combine(bench.State, "backbones")).FullName, "copy of it.onnx");
        File.WriteAllText(strange, "x");
        var made = new Backup(LinuxFileSystem.Instance, bench.State, TimeProvider.System, new Progress(TextWriter.Null)).Write(Tar);
        Assert.Equal(strange, Assert.Single(made.LeftOut));
        Assert.False(made.IsComplete);
        Read(Target);
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

    private void Write() => new Backup(LinuxFileSystem.Instance, bench.State, TimeProvider.System, new Progress(TextWriter.Null)).Write(Tar);

    private RestoreResult Read(string state, bool replace = false, string? station = null) =>
        new Restore(LinuxFileSystem.Instance, Tar, state, TimeProvider.System, new Progress(TextWriter.Null)).Run(replace, station, "anna");

    private static StationJournal Open(string state) => StationJournal.Open(
        LinuxFileSystem.Instance, state, JournalBench.Station, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

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
