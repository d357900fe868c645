using Appliance.Journal;
using Appliance.Samples;
using Inference.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Benchmarks;

/// <summary>A state directory with many samples and verdicts, made by the station's own journal and index. Pictures and embeddings are not there: nothing that is measured reads them.</summary>
internal static class FilledState
{
    private const int FactsAtOnce = 2000;

    public static async Task MakeAsync(string state, string station, string embeddingIdentity, int samples, int verdicts)
    {
        await using var journal = StationJournal.Open(LinuxFileSystem.Instance, state, station, TimeProvider.System, NullLogger.Instance);
        for (var i = 0; i < verdicts; i++) journal.Commit(JournalBenchmark.Draft());
        foreach (var some in Enumerable.Range(1, samples).Chunk(FactsAtOnce))
            await Task.WhenAll(some.SelectMany(i => FactsOf(i, embeddingIdentity)).Select(f => journal.AppendDurableAsync(f, CancellationToken.None)));
        using var index = new IndexRebuilder(SampleFiles.Index(state), NullLogger.Instance).Open(journal.ReadFactsAfter);
    }

    // Every tenth has a label.
    private static IEnumerable<Fact> FactsOf(int number, string embeddingIdentity)
    {
        var at = TimeProvider.System.GetUtcNow();
        yield return new SampleKept(
            $"1-{number}", "camera-1", $"part-{number / 2:D6}", "plate", null, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(number))), ".png", 250_000,
            embeddingIdentity, number - 1, number % 3 == 0 ? "UNSURE" : "NG", "scratch", number % 97 / 97f, 1.2f, "confident", new string('a', 64), new string('b', 64), at, number % 5 == 0 ? "audit" : "verdict") { At = at };
        if (number % 10 == 0) yield return new SampleLabelled($"1-{number}", number % 20 == 0 ? "good" : "scratch", null, "anna") { At = at };
    }
}
