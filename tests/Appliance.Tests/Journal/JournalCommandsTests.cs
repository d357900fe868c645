using System.CommandLine;
using Appliance.Journal;
using Appliance.Recovery;

namespace Appliance.Tests.Journal;

public sealed class JournalCommandsTests : IDisposable
{
    private readonly JournalBench bench = new();

    private static CancellationToken Cancellation => Until.Cancellation;

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Verify_IntactThenDamaged_SaysWhereAndExitsWithOne()
    {
        await Fill();
        var intact = Run("journal", "verify", "--state", bench.State);
        Assert.Equal((0, ""), (intact.Code, intact.Error));
        Assert.Contains("verdicts: 3 records in 1 segments", intact.Output, StringComparison.Ordinal);
        var path = bench.Segment(StreamKind.Verdicts);
        var bytes = File.ReadAllBytes(path);
        bytes[SegmentHeader.SizeBytes + 100] ^= 1;
        File.WriteAllBytes(path, bytes);
        var damaged = Run("journal", "verify", "--state", bench.State);
        Assert.Equal(1, damaged.Code);
        Assert.Contains($"damaged at byte 128 of '{path}'", damaged.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_SegmentsThatCannotBeRead_SaysSoInWords()
    {
        await Fill();
        var directory = SegmentFiles.Directory(bench.State, StreamKind.Verdicts);
        File.CreateSymbolicLink(SegmentFiles.PathOf(directory, 2), "gone");
        var answer = Run("journal", "verify", "--state", bench.State);
        Assert.Equal(1, answer.Code);
        Assert.Contains("are deleted or moved faster than they can be read", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_FromAPlaceWhileRunning_PrintsTheRecordsFromThere()
    {
        await using var journal = bench.Open();
        for (var i = 0; i < 3; i++) journal.Commit(JournalBench.Draft());
        await journal.AppendDurableAsync(JournalBench.Label("1-2"), Cancellation);
        var verdicts = Run("journal", "show", "--state", bench.State, "--stream", "verdicts", "--from", "1-2", "--json");
        Assert.Equal(JournalBench.ReadAll(journal).Skip(1).Select(v => v.Json), verdicts.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var facts = Run("journal", "show", "--state", bench.State, "--from", "1");
        Assert.StartsWith("1 20", facts.Output, StringComparison.Ordinal);
        Assert.Contains("\"fact\":\"label\",\"sample\":\"1-2\"", facts.Output, StringComparison.Ordinal);
        Assert.Equal(2, Run("journal", "show", "--state", bench.State, "--from", "soon").Code);
    }

    [Fact]
    public void AnyCommand_NoJournalThere_ExitsWithTwo()
    {
        foreach (var line in new string[][] { ["journal", "verify"], ["journal", "show"], ["verify"], ["repair"] })
        {
            var run = Run([.. line, "--state", bench.State]);
            Assert.Equal(2, run.Code);
            Assert.Contains(bench.State, run.Error, StringComparison.Ordinal);
        }
    }

    private async Task Fill()
    {
        await using var journal = bench.Open();
        for (var i = 0; i < 3; i++) journal.Commit(JournalBench.Draft());
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var root = new RootCommand { JournalCommands.Create(), RecoveryCommands.Verify(), RecoveryCommands.Repair() };
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = root.Parse(arguments).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
