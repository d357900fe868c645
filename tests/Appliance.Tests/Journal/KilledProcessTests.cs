using System.Diagnostics;
using System.IO.Pipes;
using Appliance.Journal;

namespace Appliance.Tests.Journal;

/// <summary>A second process of this test program writes to a journal and says over a pipe what was acknowledged, until it is killed.</summary>
public sealed class KilledProcessTests : IDisposable
{
    private const string StateVariable = "KILLED_PROCESS_STATE";
    private const string PipeVariable = "KILLED_PROCESS_PIPE";
    private readonly JournalBench bench = new() { Options = new() { SegmentBytes = 20_000 } };

    private static CancellationToken Cancellation => Until.Cancellation;

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Kill_WhileAppending_NothingAcknowledgedIsMissing()
    {
        var told = new List<string>();
        for (var round = 1; round <= 3; round++)
        {
            told.AddRange(await WriteUntilKilled(acknowledgements: 40 * round));
            Assert.True(JournalVerifier.Verify(bench.State).IsIntact);
            await using var journal = bench.Open();
            var there = JournalBench.ReadAll(journal).Select(v => v.Id.ToString()).Concat(journal.ReadFacts().OfType<SampleLabelled>().Select(f => "fact " + f.Sample)).ToHashSet();
            Assert.All(told, line => Assert.Contains(line, there));
        }
        Assert.Equal(told.Count, told.Distinct().Count());
    }

    [Fact(Explicit = true)]
    public async Task Child_WritesUntilKilled()
    {
        bench.Dispose();
        using var pipe = new NamedPipeClientStream(".", Environment.GetEnvironmentVariable(PipeVariable)!, PipeDirection.Out);
        await pipe.ConnectAsync(Cancellation);
        await using var told = new StreamWriter(pipe) { AutoFlush = true };
        await using var journal = StationJournal.Open(
            Inference.Files.LinuxFileSystem.Instance, Environment.GetEnvironmentVariable(StateVariable)!, JournalBench.Station, TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, bench.Options);
        while (true)
        {
            var id = journal.Commit(JournalBench.Draft());
            await told.WriteLineAsync(id.ToString());
            if (id.Sequence % 7 != 0) continue;
            await journal.AppendDurableAsync(JournalBench.Label(id.ToString()), Cancellation);
            await told.WriteLineAsync($"fact {id}");
        }
    }

    private async Task<List<string>> WriteUntilKilled(int acknowledgements)
    {
        var name = Path.GetRandomFileName();
        await using var pipe = new NamedPipeServerStream(name, PipeDirection.In);
        using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [
            .. Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? new[] { typeof(KilledProcessTests).Assembly.Location } : [],
            "--explicit", "only", "--filter-method", $"{typeof(KilledProcessTests).FullName}.{nameof(Child_WritesUntilKilled)}"])
        {
            Environment = { [StateVariable] = bench.State, [PipeVariable] = name },
            RedirectStandardOutput = true,
        })!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Until.Limit);
        var ended = child.WaitForExitAsync(limit.Token);
        var connected = pipe.WaitForConnectionAsync(limit.Token);
        if (await Task.WhenAny(connected, ended) == ended) Assert.Fail(await child.StandardOutput.ReadToEndAsync(limit.Token));
        using var reader = new StreamReader(pipe);
        var told = new List<string>();
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            told.Add(line);
            if (told.Count == acknowledgements) child.Kill();
        }
        await ended;
        Assert.True(told.Count >= acknowledgements);
        // The last line may have been cut off by the kill.
        told.RemoveAt(told.Count - 1);
        return told;
    }
}
