using System.Security.Cryptography;
using Appliance.Journal;
using Appliance.Recovery;
using Appliance.Samples;
using Appliance.Tests.Journal;
using Appliance.Tests.Samples;
using Inference.Embeddings;
using Inference.Files;
using Inference.Preparation;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Tests.Recovery;

public sealed class StateRepairTests : IDisposable
{
    private static readonly EmbeddingSpec Spec = new(new string('b', 64), new PreparationSpec { WidthPx = 4, HeightPx = 4 }, [new("s8.avg", 0, 3)]);
    private readonly JournalBench bench = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string EmbeddingPath => SampleFiles.EmbeddingFile(bench.State, Spec.Identity);

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Repair_PictureAlteredAndPictureGone_SetsAsideAndSaysSoOfTheirSamples()
    {
        var samples = await FillAsync(3);
        var (altered, gone) = (PathOf(samples[0]), PathOf(samples[1]));
        File.WriteAllBytes(altered, [1, 2, 3]);
        File.Delete(gone);

        Assert.Equal([altered, gone], Look().Findings.Select(f => f.Path));
        var report = StateExamination.Repair(bench.State, TimeProvider.System, new Progress(TextWriter.Null));

        Assert.True(report.IsSound);
        Assert.All(report.Findings, f => Assert.Equal(Remedy.Lost, f.Remedy));
        Assert.True(Look().IsSound);
        Assert.Equal(2, Look().Findings.Count(f => f.Remedy == Remedy.Named));
        await using var journal = bench.Open();
        using var index = Index(journal);
        Assert.Equal([true, false, false], index.Latest(10).Select(s => s.HasPicture));
        Assert.Equal(3, index.TrainingRows(Spec.Identity).Count);
        var aside = Assert.Single(journal.ReadFacts().OfType<FileSetAside>());
        Assert.Equal([1, 2, 3], File.ReadAllBytes(Path.Combine(bench.State, aside.Original)));
    }

    [Fact]
    public async Task Repair_EmbeddingRowDamaged_TrainsWithoutThatSample()
    {
        await FillAsync(3);
        var bytes = File.ReadAllBytes(EmbeddingPath);
        bytes[64 + 22 + 18] ^= 4;
        File.WriteAllBytes(EmbeddingPath, bytes);

        var finding = Assert.Single(StateExamination.Repair(bench.State, TimeProvider.System, new Progress(TextWriter.Null)).Findings, f => f.Area == "embedding");

        Assert.Equal(64 + 22, finding.Offset);
        Assert.Contains("1-2", finding.Means, StringComparison.Ordinal);
        await using var journal = bench.Open();
        using var index = Index(journal);
        Assert.Equal(["1-1", "1-3"], index.TrainingRows(Spec.Identity).Select(r => r.Sample));
        Assert.All(index.Latest(10), s => Assert.True(s.HasPicture));
    }

    [Fact]
    public async Task Repair_EmbeddingHeaderDamaged_SetsTheFileAside()
    {
        await FillAsync(2);
        var bytes = File.ReadAllBytes(EmbeddingPath);
        bytes[13] ^= 4;
        File.WriteAllBytes(EmbeddingPath, bytes);

        Assert.True(StateExamination.Repair(bench.State, TimeProvider.System, new Progress(TextWriter.Null)).IsSound);

        Assert.False(File.Exists(EmbeddingPath));
        Assert.True(Look().IsSound);
        using var again = new EmbeddingFileWriter(LinuxFileSystem.Instance, EmbeddingPath, Spec);
        Assert.Equal(0, again.Append(2, 1, [1, 2, 3]));
    }

    [Fact]
    public async Task Look_IndexDeletedOrDamagedOrOfOtherFacts_FindsItAndRepairMakesItAnew()
    {
        await FillAsync(3);
        var path = SampleFiles.Index(bench.State);
        StateExamination.Repair(bench.State, TimeProvider.System, new Progress(TextWriter.Null));
        Assert.Empty(Look().Findings);
        var right = File.ReadAllBytes(path);
        File.Delete(path);
        Assert.Equal("index", Assert.Single(Look().Findings).Area);
        File.WriteAllBytes(path, right[..(right.Length / 2)]);
        Assert.Equal("index", Assert.Single(Look().Findings).Area);
        File.WriteAllBytes(path, right);
        using (var index = new SampleIndex(LinuxFileSystem.Instance, path)) index.Apply(SampleFacts.Label(1, "scratch"));
        Assert.Equal("index", Assert.Single(Look().Findings).Area);
        StateExamination.Repair(bench.State, TimeProvider.System, new Progress(TextWriter.Null));
        Assert.Empty(Look().Findings);
    }

    [Fact]
    public async Task Repair_ModelPackageAndBackboneDamaged_SetsThemAside()
    {
        await FillAsync(1);
        var model = Path.Combine(bench.State, "models", new string('c', 64));
        Directory.CreateDirectory(model);
        File.WriteAllText(Path.Combine(model, "manifest.json"), "{}");
        var backbones = Directory.CreateDirectory(Path.Combine(bench.State, "backbones")).FullName;
        File.WriteAllText(Path.Combine(backbones, new string('d', 64) + ".onnx"), "x");
        StateExamination.Repair(bench.State, TimeProvider.System, new Progress(TextWriter.Null));
        Assert.Empty(Directory.EnumerateFileSystemEntries(backbones));
        Assert.False(Directory.Exists(model));
        Assert.Empty(Look().Findings);
        await using var journal = bench.Open();
        Assert.Equal(2, journal.ReadFacts().OfType<FileSetAside>().Count());
    }

    private StateReport Look() => StateExamination.Look(bench.State, TimeProvider.System, new Progress(TextWriter.Null));

    private SampleIndex Index(StationJournal journal) => new IndexRebuilder(SampleFiles.Index(bench.State), NullLogger.Instance).Open(journal.ReadFacts());

    private string PathOf(SampleKept sample) => Path.Combine(SampleFiles.Pictures(bench.State), sample.Picture[..2], sample.Picture + sample.Extension);

    private async Task<List<SampleKept>> FillAsync(int samples)
    {
        await using var journal = bench.Open();
        var kept = new List<SampleKept>();
        var pictures = new PictureStore(LinuxFileSystem.Instance, SampleFiles.Pictures(bench.State));
        using var rows = new EmbeddingFileWriter(LinuxFileSystem.Instance, EmbeddingPath, Spec);
        for (var i = 1; i <= samples; i++)
        {
            journal.Commit(JournalBench.Draft());
            var picture = pictures.Store(RandomNumberGenerator.GetBytes(100), ".png");
            var row = rows.Append(1, (ulong)i, [i, i, i]);
            kept.Add(SampleFacts.Kept(i, row: row) with { Picture = picture.Sha256, PictureBytes = 100, EmbeddingIdentity = Spec.Identity });
            await journal.AppendDurableAsync(kept[^1], Cancellation);
        }
        Index(journal).Dispose();
        return kept;
    }
}
