using System.Security.Cryptography;
using Appliance.Journal;
using Appliance.Recovery;
using Appliance.Samples;
using Appliance.Tests.Hosting;
using Appliance.Tests.Journal;
using Appliance.Tests.Samples;
using Inference.Backbones;
using Inference.Embeddings;
using Inference.Files;
using Inference.Packages;
using Inference.Preparation;
using Inference.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Files;

namespace Appliance.Tests.Recovery;

public sealed class StateRepairTests : IDisposable
{
    private static readonly EmbeddingSpec Spec = new(new string('b', 64), new PreparationSpec { WidthPx = 4, HeightPx = 4 }, [new("s8.avg", 0, 3)]);
    private readonly JournalBench bench = new();

    private static CancellationToken Cancellation => Until.Cancellation;

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
        var report = Repair();

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

        var finding = Assert.Single(Repair().Findings, f => f.Area == "embedding");

        Assert.Equal(64 + 22, finding.Offset);
        Assert.Contains("1-2", finding.Means, StringComparison.Ordinal);
        await using var journal = bench.Open();
        using var index = Index(journal);
        Assert.Equal(["1-1", "1-3"], index.TrainingRows(Spec.Identity).Select(r => r.Sample));
        Assert.All(index.Latest(10), s => Assert.True(s.HasPicture));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public async Task Repair_EmbeddingHeaderDamaged_MendsItFromNameAndRows(int damagedBytes)
    {
        await FillAsync(2);
        var right = File.ReadAllBytes(EmbeddingPath);
        var bytes = right.ToArray();
        for (var i = 0; i < damagedBytes; i++) bytes[(13 + i) % 64] ^= 4;
        File.WriteAllBytes(EmbeddingPath, bytes);
        Assert.Equal("embedding", Assert.Single(Look().Findings).Area);

        Assert.True(Repair().IsSound);

        Assert.Equal(right, File.ReadAllBytes(EmbeddingPath));
        Assert.Empty(Look().Findings);
        await using var journal = bench.Open();
        var told = Assert.Single(journal.ReadFacts().OfType<FileSetAside>());
        Assert.Equal(bytes[..64], File.ReadAllBytes(Path.Combine(bench.State, told.Original)));
    }

    [Fact]
    public async Task Repair_EmbeddingFileOfNoWholeRow_SetsTheFileAside()
    {
        await FillAsync(2);
        File.WriteAllBytes(EmbeddingPath, [.. File.ReadAllBytes(EmbeddingPath).Select(b => (byte)(b ^ 4))]);

        Assert.True(Repair().IsSound);

        Assert.False(File.Exists(EmbeddingPath));
        Assert.True(Look().IsSound);
        using var again = new EmbeddingFileWriter(LinuxFileSystem.Instance, EmbeddingPath, Spec);
        Assert.Equal(0, again.Append(2, 1, [1, 2, 3]));
    }

    [Fact]
    public async Task Repair_PictureThatTheDiskDoesNotGive_IsAFindingAndTheSampleStays()
    {
        var samples = await FillAsync(2);
        var path = PathOf(samples[0]);
        File.Move(path, path + ".aside");
        // Reading it is EIO.
        File.CreateSymbolicLink(path, "/proc/self/mem");

        var report = Repair();

        Assert.False(report.IsSound);
        Assert.Equal((path, Remedy.None), (report.Findings.Single().Path, report.Findings.Single().Remedy));
        File.Delete(path);
        File.Move(path + ".aside", path);
        Assert.Empty(Look().Findings);
    }

    [Fact]
    public async Task Repair_FilesThatAKillLeftUnfinished_DeletesThem()
    {
        var samples = await FillAsync(1);
        var left = new[] { Path.Combine(bench.State, ".outbox.json.0123456789ab.tmp"), Path.Combine(Path.GetDirectoryName(PathOf(samples[0]))!, ".x.png.0123456789ab.tmp") };
        foreach (var path in left) File.WriteAllText(path, "half");
        var package = Directory.CreateDirectory(Path.Combine(bench.State, "models", ".m.0123456789ab.tmp")).FullName;
        File.WriteAllText(Path.Combine(package, "head.onnx"), "half");

        Assert.Equal(3, Look().Unfinished);
        Assert.All(left, p => Assert.True(File.Exists(p)));
        Assert.Equal(3, Repair().Unfinished);

        Assert.Equal(0, Look().Unfinished);
        Assert.True(File.Exists(PathOf(samples[0])));
    }

    [Fact]
    public async Task Look_BackboneOfAModelIsMissing_IsNotSoundUntilItIsNamed()
    {
        await FillAsync(1);
        using var backbone = BackboneSession.Load(TestModel.Fixture("backbone"), null, new RuntimeOptions { Threads = 1 });
        using var scratch = new TemporaryDirectory();
        var store = new ModelStore(LinuxFileSystem.Instance, bench.State);
        store.Import(TestModel.Write(scratch["model"], backbone.Embedding));
        var finding = Assert.Single(Look().Findings);
        Assert.Equal(("backbone", Remedy.Lost), (finding.Area, finding.Remedy));
        Assert.False(Look().IsSound);

        Assert.True(Repair().IsSound);

        Assert.True(Look().IsSound);
        store.AddBackbone(TestModel.Fixture("backbone"));
        Assert.Empty(Look().Findings);
    }

    [Fact]
    public async Task Look_IndexDeletedOrDamagedOrOfOtherFacts_FindsItAndRepairMakesItAnew()
    {
        await FillAsync(3);
        var path = SampleFiles.Index(bench.State);
        Repair();
        Assert.Empty(Look().Findings);
        var right = File.ReadAllBytes(path);
        File.Delete(path);
        Assert.Equal("index", Assert.Single(Look().Findings).Area);
        File.WriteAllBytes(path, right[..(right.Length / 2)]);
        Assert.Equal("index", Assert.Single(Look().Findings).Area);
        File.WriteAllBytes(path, right);
        using (var index = new SampleIndex(LinuxFileSystem.Instance, path)) index.Apply(SampleFacts.Label(1, "scratch"));
        Assert.Equal("index", Assert.Single(Look().Findings).Area);
        Repair();
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
        Repair();
        Assert.Empty(Directory.EnumerateFileSystemEntries(backbones));
        Assert.False(Directory.Exists(model));
        Assert.Empty(Look().Findings);
        await using var journal = bench.Open();
        Assert.Equal(2, journal.ReadFacts().OfType<FileSetAside>().Count());
    }

    private StateReport Repair() => bench.Repair();

    private StateReport Look() => bench.Look();

    private SampleIndex Index(StationJournal journal) => new IndexRebuilder(SampleFiles.Index(bench.State), NullLogger.Instance).Open(journal.ReadFactsAfter);

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
