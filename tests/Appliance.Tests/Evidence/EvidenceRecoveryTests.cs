using System.Security.Cryptography;
using Appliance.Evidence;
using Appliance.Journal;
using Appliance.Recovery;
using Appliance.Samples;
using Appliance.Tests.Journal;
using Appliance.Tests.Samples;
using Inference.Files;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Files;

namespace Appliance.Tests.Evidence;

/// <summary>Evidence files under verify, repair, backup and restore.</summary>
public sealed class EvidenceRecoveryTests : IDisposable
{
    private readonly JournalBench bench = new();
    private readonly TemporaryDirectory directory = new();

    private static CancellationToken Cancellation => Until.Cancellation;

    public void Dispose()
    {
        bench.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task Repair_EvidenceAlteredAndGone_SetsAsideAndSaysSoOfTheirSamples()
    {
        var paths = await FillAsync(3);
        File.WriteAllText(paths[0], "{}");
        File.Delete(paths[1]);

        Assert.Equal(paths[..2], bench.Look().Findings.Where(f => f.Area == "evidence").Select(f => f.Path));
        var report = bench.Repair();

        Assert.True(report.IsSound);
        Assert.All(report.Findings, f => Assert.Equal(Remedy.Lost, f.Remedy));
        Assert.True(bench.Look().IsSound);
        Assert.Equal(2, bench.Look().Findings.Count(f => f.Remedy == Remedy.Named && f.Means.Contains("without evidence", StringComparison.Ordinal)));
        await using var journal = bench.Open();
        using var index = new IndexRebuilder(SampleFiles.Index(bench.State), NullLogger.Instance).Open(journal.ReadFactsAfter);
        Assert.Equal([true, false, false], index.Latest(10).Select(s => s.Kept.Evidence is not null));
        Assert.All(index.Latest(10), s => Assert.True(s.HasPicture));
        var aside = Assert.Single(journal.ReadFacts().OfType<FileSetAside>());
        Assert.Equal("{}", await File.ReadAllTextAsync(Path.Combine(bench.State, aside.Original), Cancellation));
    }

    [Fact]
    public async Task Repair_ALeftOverOfAKill_IsDeleted()
    {
        var paths = await FillAsync(1);
        var left = Path.Combine(Path.GetDirectoryName(paths[0])!, ".1-2.json.0123456789ab.tmp");
        File.WriteAllText(left, "{");
        Assert.Equal(1, bench.Repair().Unfinished);
        Assert.False(File.Exists(left));
    }

    [Fact]
    public async Task Restore_OfABackup_HasTheEvidence()
    {
        var paths = await FillAsync(2);
        var backup = new Backup(LinuxFileSystem.Instance, bench.State, TimeProvider.System, new Progress(TextWriter.Null)).Write(directory["b.tar"]);
        Assert.True(backup.IsComplete);
        new Restore(LinuxFileSystem.Instance, directory["b.tar"], directory["state"], TimeProvider.System, new Progress(TextWriter.Null)).Run(false, null, "anna");
        foreach (var path in paths)
            Assert.Equal(await File.ReadAllTextAsync(path, Cancellation), await File.ReadAllTextAsync(Path.Combine(directory["state"], Path.GetRelativePath(bench.State, path)), Cancellation));
        File.Delete(paths[0]);
        Assert.Equal([paths[0]], new Backup(LinuxFileSystem.Instance, bench.State, TimeProvider.System, new Progress(TextWriter.Null)).Write(directory["c.tar"]).Missing);
    }

    private async Task<List<string>> FillAsync(int samples)
    {
        await using var journal = bench.Open();
        var pictures = new PictureStore(LinuxFileSystem.Instance, SampleFiles.Pictures(bench.State));
        var evidence = new EvidenceStore(LinuxFileSystem.Instance, EvidenceStore.RootOf(bench.State));
        List<string> paths = [];
        for (var i = 1; i <= samples; i++)
        {
            var id = journal.Commit(JournalBench.Draft());
            var picture = pictures.Store(RandomNumberGenerator.GetBytes(100), ".png");
            paths.Add(evidence.PathOf(id));
            await journal.AppendDurableAsync(
                SampleFacts.Kept(i, row: -1) with { Picture = picture.Sha256, PictureBytes = 100, EmbeddingIdentity = null, Evidence = evidence.Store(id, EvidenceMaps.Left) }, Cancellation);
        }

        new IndexRebuilder(SampleFiles.Index(bench.State), NullLogger.Instance).Open(journal.ReadFactsAfter).Dispose();
        return paths;
    }
}
