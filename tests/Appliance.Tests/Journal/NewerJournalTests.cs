using System.Buffers.Binary;
using System.CommandLine;
using System.Security.Cryptography;
using Appliance.Journal;
using Appliance.Recovery;
using Inference.Files;

namespace Appliance.Tests.Journal;

/// <summary>A journal that a newer version has written to: nothing here reads or mends what it does not know.</summary>
public sealed class NewerJournalTests : IAsyncLifetime
{
    private readonly JournalBench bench = new() { Options = new() { SegmentBytes = 2000 } };

    public async ValueTask InitializeAsync()
    {
        await using var journal = bench.Open();
        for (var i = 0; i < 20; i++) journal.Commit(JournalBench.Draft());
        await journal.AppendDurableAsync(JournalBench.Label("1-1"), Until.Cancellation);
    }

    public ValueTask DisposeAsync()
    {
        bench.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(StreamKindName.Facts)]
    [InlineData(StreamKindName.Verdicts)]
    public void AnyUse_NewerVersion_IsRefusedBeforeAnythingIsChanged(StreamKindName stream)
    {
        var path = bench.Segment(stream == StreamKindName.Facts ? StreamKind.Facts : StreamKind.Verdicts);
        MakeNewer(path);
        // What a start would cut, and a repair delete.
        File.AppendAllText(bench.Segment(StreamKind.Facts), "torn");
        File.WriteAllText(Path.Combine(bench.State, ".outbox.json.0123456789ab.tmp"), "left over");
        var before = Content();

        Assert.Contains(path, Assert.Throws<JournalException>(() => bench.Open()).Message, StringComparison.Ordinal);
        Assert.Throws<JournalException>(() => bench.Look());
        Assert.Contains("is of version 2", Assert.Throws<JournalException>(() => bench.Repair()).Message, StringComparison.Ordinal);
        Assert.Throws<JournalException>(() => new Backup(LinuxFileSystem.Instance, bench.State, TimeProvider.System, new Progress(TextWriter.Null)).Write(Path.Combine(bench.State, "backup.tar")));
        foreach (var line in (string[][])[["journal", "verify"], ["journal", "show"], ["verify"], ["repair"], ["backup", "--to", Path.Combine(bench.State, "backup.tar")]])
        {
            var (code, error) = Run([.. line, "--state", bench.State]);
            Assert.Equal(1, code);
            Assert.Contains("a newer one has written it. Nothing was changed.", error, StringComparison.Ordinal);
        }

        Assert.Equal(before, Content());
    }

    [Fact]
    public void Restore_OverOrFromANewerJournal_IsRefused()
    {
        var tar = Path.Combine(bench.State, "..", Path.GetRandomFileName() + ".tar");
        try
        {
            new Backup(LinuxFileSystem.Instance, bench.State, TimeProvider.System, new Progress(TextWriter.Null)).Write(tar);
            MakeNewer(bench.Segment(StreamKind.Facts));
            var before = Content();
            var restore = new Restore(LinuxFileSystem.Instance, tar, bench.State, TimeProvider.System, new Progress(TextWriter.Null));
            Assert.Contains("is of version 2", Assert.Throws<JournalException>(() => restore.Run(replace: true, null, "anna")).Message, StringComparison.Ordinal);
            Assert.Equal(before, Content());
        }
        finally
        {
            File.Delete(tar);
        }
    }

    [Fact]
    public void Repair_BitOfTheVersionFlipped_IsDamageAndMended()
    {
        var path = bench.Segment(StreamKind.Verdicts);
        var bytes = File.ReadAllBytes(path);
        bytes[8] ^= 2;
        File.WriteAllBytes(path, bytes);
        Assert.NotEmpty(bench.Repair().Findings);
        Assert.True(JournalVerifier.Verify(bench.State).IsIntact);
    }

    internal static void MakeNewer(string path)
    {
        var bytes = File.ReadAllBytes(path);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), SegmentHeader.Version + 1);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(124), Crc32C.Of(bytes.AsSpan(0, 124)));
        File.WriteAllBytes(path, bytes);
    }

    // Every file but the lock, by its path.
    private List<string> Content() =>
    [
        .. Directory.EnumerateFiles(bench.State, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(f => !Path.GetFileName(f).StartsWith("lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(f => f + " " + Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f)))),
    ];

    private static (int Code, string Error) Run(string[] arguments)
    {
        using var error = new StringWriter();
        var root = new RootCommand { JournalCommands.Create(), RecoveryCommands.Verify(), RecoveryCommands.Repair(), BackupCommands.Backup() };
        var code = root.Parse(arguments).Invoke(new InvocationConfiguration { Output = TextWriter.Null, Error = error });
        return (code, error.ToString());
    }

    public enum StreamKindName
    {
        Facts,
        Verdicts,
    }
}
