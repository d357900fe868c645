using Appliance.Capture;
using Appliance.Disk;
using Appliance.Evidence;
using Appliance.Hosting;
using Appliance.Journal;
using Appliance.Models;
using Appliance.Models.MustCatch;
using Appliance.Models.Shadows;
using Appliance.Samples;
using Inference.Backbones;
using Inference.Embeddings;
using Inference.Files;
using Inference.Packages;
using Inference.Runtime;
using Inference.Slots;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Testing.Files;

namespace Appliance.Tests.Hosting;

/// <summary>The parts of a station over a state directory of its own: real journal, index, store and ONNX Runtime, with a backbone of 8 x 6 pixels.</summary>
internal sealed class StationBench : IAsyncDisposable
{
    private static readonly RuntimeOptions OneThread = new() { Threads = 1 };
    private readonly TemporaryDirectory directory = new();
    private SampleStore? samples;
    private bool released;

    public StationBench()
    {
        Files = new FaultyFileSystem(LinuxFileSystem.Instance);
        Options = new()
        {
            Station = "s1",
            StateDirectory = directory["state"],
            Listen = "http://127.0.0.1:0",
            GoodClass = "ok",
            // Of a backbone of 8 x 6 pixels nearly everything is a near copy.
            Sampling = new() { NearCopyDistance = 0 },
            Cameras = [new CameraOptions { Name = "c1", Source = "sim:plates", Mode = CameraMode.Trigger }],
            Inspection = new() { Backbone = TestModel.Fixture("backbone"), Threads = 1 },
            Mqtt = new() { Port = 0 },
            Training = new() { AfterLabels = 0, Program = directory["trainer.sh"] },
        };
        Backbone = BackboneSession.Load(TestModel.Fixture("backbone"), null, OneThread);
        Store = new ModelStore(Files, Options.StateDirectory);
        Open();
    }

    public ApplianceOptions Options { get; }

    /// <summary>The clock of promotions, must-catch list and shadow periods.</summary>
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));

    public FaultyFileSystem Files { get; }

    public BackboneSession Backbone { get; }

    public ModelStore Store { get; }

    /// <summary>What the disk has left, as the station sees it.</summary>
    public long FreeBytes { get; set; } = 1L << 40;

    public DiskSpace Disk { get; private set; } = null!;

    public StationJournal Journal { get; private set; } = null!;

    public SampleIndex Index { get; private set; } = null!;

    public ModelSlot Slot { get; private set; } = null!;

    public LiveModel Live { get; private set; } = null!;

    public MustCatchList MustCatch { get; private set; } = null!;

    public ShadowPeriod Shadow { get; private set; } = null!;

    public LabelDesk Labels { get; private set; } = null!;

    /// <summary>Made at its first use, closed with this life of the station.</summary>
    public SampleStore Samples => samples ??= new(
        new PictureStore(Files, SampleFiles.Pictures(Options.StateDirectory)), new EvidenceStore(Files, EvidenceStore.RootOf(Options.StateDirectory)), () => new EmbeddingFileWriter(Files, EmbeddingFile, Backbone.Embedding), Backbone.Embedding, Journal, Index);

    public LabelledEvidence Evidence => new(Index, Backbone.Embedding, Options.StateDirectory);

    public ModelDesk Models => new(Live, Store, Index, Evidence, Shadow);

    public string EmbeddingFile => SampleFiles.EmbeddingFile(Options.StateDirectory, Backbone.Embedding.Identity);

    public string PathOf(string name) => directory[name];

    /// <summary>Closes and opens all that lives in the state directory, as a restart does.</summary>
    public async Task RestartAsync()
    {
        await CloseAsync();
        Open();
    }

    /// <summary>As a restart after a kill whose index is too large to be made while the start waits: nobody makes it until <see cref="Keeper"/> runs.</summary>
    public async Task RestartWithoutIndexAsync()
    {
        Index.Abandon();
        await FillAsync(IndexRebuilder.FewFacts);
        await CloseAsync();
        Open();
    }

    /// <summary>Makes the index anew where it fails or is missing; the caller's to stop.</summary>
    public IndexKeeper Keeper() => new(Index, Rebuilder, Journal, TimeProvider.System, NullLogger<IndexKeeper>.Instance);

    /// <summary>Writes facts that no index holds anything of.</summary>
    public async Task FillAsync(int facts)
    {
        foreach (var some in Enumerable.Range(0, facts).Chunk(1000))
            await Task.WhenAll(some.Select(i => Journal.AppendDurableAsync(new SampleLabelled("9-9", "ok", null, "anna") { At = DateTimeOffset.UnixEpoch }, CancellationToken.None)));
    }

    /// <summary>Closes all that lives in the state directory, for a whole station to take it over.</summary>
    public async Task ReleaseAsync()
    {
        await CloseAsync();
        released = true;
    }

    /// <summary>Puts a model into the store; another temperature makes another model.</summary>
    public string AddModel(double temperature = 2, IReadOnlyList<OutOfFoldPrediction>? outOfFold = null) =>
        Store.Import(TestModel.Write(PathOf(Guid.NewGuid().ToString("n")), Backbone.Embedding, temperature, outOfFold));

    /// <summary>Puts a model into the store that can be explained.</summary>
    public string AddLinearModel(double unseenLimit = 2) =>
        Store.Import(TestModel.Write(PathOf(Guid.NewGuid().ToString("n")), Backbone.Embedding, fixture: TestModel.Linear, unseenLimit: unseenLimit));

    /// <summary>Puts a model into the store whose head fails on what is green.</summary>
    public string AddFailingModel() => Store.Import(TestModel.Write(PathOf(Guid.NewGuid().ToString("n")), Backbone.Embedding, fixture: TestModel.Failing));

    /// <summary>Keeps a sample and its picture, without an embedding row.</summary>
    public async Task KeepPictureAsync(InspectionId id, byte[] picture, string? part, string why, DateTimeOffset at) =>
        Assert.True(await Samples.KeepAsync(id, p => p.Store(picture, ".png"), default, null, stored =>
        [
            new SampleKept(id.ToString(), "c1", part, "r", null, stored.Picture.Sha256, ".png", stored.Picture.LengthBytes, null, -1, "NG", "scratch", 0.5f, 1, "confident", null, null, at, why) { At = at },
        ]));

    /// <summary>Keeps a sample without a picture file, with its embedding row when values are given.</summary>
    public async Task<string> KeepAsync(int number, string? part = null, float[]? embedding = null, DateTimeOffset? grabbed = null)
    {
        long row = -1;
        if (embedding is not null)
        {
            using var writer = new EmbeddingFileWriter(Files, EmbeddingFile, Backbone.Embedding);
            row = writer.Append(Journal.Epoch, (ulong)number, embedding);
            writer.Sync();
        }

        var id = $"{Journal.Epoch}-{number}";
        var fact = new SampleKept(
            id, "c1", part, "default", null, new string('a', 64), ".png", 10, row < 0 ? null : Backbone.Embedding.Identity, row, "UNSURE", null, 0, 0, "no-model", null, null,
            grabbed ?? DateTimeOffset.UnixEpoch, "verdict") { At = DateTimeOffset.UnixEpoch };
        await Journal.AppendDurableAsync(fact, TestContext.Current.CancellationToken);
        Index.Apply(fact);
        return id;
    }

    public async ValueTask DisposeAsync()
    {
        if (!released) await CloseAsync();
        Backbone.Dispose();
        directory.Dispose();
    }

    /// <summary>Opens all that lives in the state directory, after a restart that failed.</summary>
    public void Reopen() => Open();

    private IndexRebuilder Rebuilder => new(SampleFiles.Index(Options.StateDirectory), NullLogger.Instance, Files);

    private void Open()
    {
        Journal = StationJournal.Open(Files, Options.StateDirectory, Options.Station, TimeProvider.System, NullLogger.Instance);
        Index = Rebuilder.OpenSoon(Journal);
        Journal.FactWritten = Index.Place.Written;
        Disk = new DiskSpace(Options.Disk, () => FreeBytes, TimeProvider.System, NullLogger<DiskSpace>.Instance);
        Slot = new ModelSlot(Backbone.Embedding, OneThread);
        MustCatch = new MustCatchList(Options, Journal, Index, new PictureStore(Files, SampleFiles.Pictures(Options.StateDirectory)), Evidence, new(Options, Journal), Time);
        Live = new LiveModel(Slot, Store, Journal, Index, new MustCatchGuard(MustCatch, Index, Evidence), Time, NullLogger<LiveModel>.Instance);
        Shadow = new ShadowPeriod(
            Options, Live, Store, Journal, Index, new MustCatchGuard(MustCatch, Index, Evidence), new ModelSlot(Backbone.Embedding, OneThread), Files, Time, NullLogger<ShadowPeriod>.Instance);
        Labels = new LabelDesk(Options, Journal, Index, new(Options, Journal), TimeProvider.System);
    }

    private async Task CloseAsync()
    {
        samples?.Dispose();
        samples = null;
        Shadow.Dispose();
        Live.Dispose();
        MustCatch.Dispose();
        Slot.Dispose();
        Index.Dispose();
        await Journal.DisposeAsync();
    }
}
