using System.Diagnostics;
using Appliance.Capture;
using Appliance.Disk;
using Appliance.Evidence;
using Appliance.Hosting;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Models;
using Appliance.Models.MustCatch;
using Appliance.Models.Shadows;
using Appliance.Samples;
using Appliance.Tests.Evidence;
using Appliance.Tests.Hosting;
using Appliance.Training;
using Inference.Backbones;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Files;
using Inference.Packages;
using Inference.Runtime;
using Inference.Slots;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OpenCvSharp;

namespace Appliance.Tests.Faults;

/// <summary>One life of a station without cameras over a file system that may fail: journal, samples, labels, store, training, live model. Mended by hand, so that each run meets the same operations.</summary>
internal sealed class FaultyStation : IAsyncDisposable
{
    private static readonly RuntimeOptions OneThread = new() { Threads = 1 };
    private readonly ApplianceOptions options;
    private readonly EmbeddingSpec spec;
    private readonly IndexRebuilder rebuilder;
    private readonly ModelSlot slot;
    private readonly MustCatchList mustCatch;
    private readonly ShadowPeriod shadow;
    private readonly SampleStore store;
    private readonly SampleWriter samples;
    private readonly TrainingRound round;
    private readonly FakeTimeProvider roundTime = new();
    private long offered;
    private bool closed;

    private FaultyStation(IFileSystem files, string state, string trainer, BackboneSession backbone)
    {
        options = new() { Station = "s1", StateDirectory = state, GoodClass = "ok", Training = new() { Program = trainer, AfterLabels = 0 } };
        spec = backbone.Embedding;
        var opened = new Stack<IDisposable>();
        try
        {
            Journal = StationJournal.Open(files, state, options.Station, TimeProvider.System, NullLogger.Instance, new JournalOptions { SegmentBytes = 4_000 });
            Store = new ModelStore(files, state);
            Store.AddBackbone(TestModel.Fixture("backbone"));
            rebuilder = new IndexRebuilder(SampleFiles.Index(state), NullLogger.Instance, files);
            opened.Push(Index = rebuilder.Open(Journal.ReadFactsAfter));
            Journal.FactWritten = Index.Place.Written;
            opened.Push(slot = new ModelSlot(spec, OneThread));
            var disk = new DiskSpace(options.Disk, () => long.MaxValue / 4, TimeProvider.System, NullLogger<DiskSpace>.Instance);
            var evidence = new LabelledEvidence(Index, spec, state);
            opened.Push(mustCatch = new MustCatchList(options, Journal, Index, new PictureStore(files, SampleFiles.Pictures(state)), evidence, new(options, Journal), TimeProvider.System));
            opened.Push(Live = new LiveModel(slot, Store, Journal, Index, new MustCatchGuard(mustCatch, Index, evidence), TimeProvider.System, NullLogger<LiveModel>.Instance));
            opened.Push(shadow = new ShadowPeriod(
                options, Live, Store, Journal, Index, new MustCatchGuard(mustCatch, Index, evidence), new ModelSlot(spec, OneThread), files, TimeProvider.System, NullLogger<ShadowPeriod>.Instance));
            Labels = new LabelDesk(options, Journal, Index, new(options, Journal), TimeProvider.System);
            round = new TrainingRound(options, spec, Index, Store, Live, shadow, Journal, new TrainingState(), disk, files, roundTime, NullLogger<TrainingRound>.Instance);
            opened.Push(store = new SampleStore(
                new PictureStore(files, SampleFiles.Pictures(state)), new EvidenceStore(files, EvidenceStore.RootOf(state)), () => new EmbeddingFileWriter(files, SampleFiles.EmbeddingFile(state, spec.Identity), spec), spec, Journal, Index));
            samples = new SampleWriter(options, new SamplePolicy(options.Sampling, TimeProvider.System, new Random(1)), store, Journal, disk, TimeProvider.System, NullLogger<SampleWriter>.Instance);
        }
        catch
        {
            while (opened.TryPop(out var left)) left.Dispose();
            Journal?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    public StationJournal Journal { get; }

    public SampleIndex Index { get; }

    public ModelStore Store { get; }

    public LiveModel Live { get; }

    public LabelDesk Labels { get; }

    /// <summary>As a start does: the live model, and an answer to what was left without one.</summary>
    public static async Task<FaultyStation> OpenAsync(IFileSystem files, string state, string trainer, BackboneSession backbone)
    {
        var station = new FaultyStation(files, state, trainer, backbone);
        try
        {
            await station.Live.RestoreAsync(CancellationToken.None);
            station.round.Prepare();
            foreach (var left in station.Journal.Unanswered)
            {
                station.Journal.Commit(VerdictMessage.Fault("s1", left.Camera, left.Part, left.Recipe, left.Trigger, left.At, 0, Reasons.Interrupted, "cut off"));
            }

            await station.samples.StartAsync(CancellationToken.None);
            return station;
        }
        catch
        {
            await station.DisposeAsync();
            throw;
        }
    }

    /// <summary>Commits a verdict and offers its picture, whose colour is its number.</summary>
    public InspectionId Inspect(int number, string? trigger = null)
    {
        var verdict = new VerdictMessage
        {
            Station = "s1", Camera = "c1", Part = $"p{number}", Recipe = "r", Trigger = trigger, GrabbedAt = DateTimeOffset.UnixEpoch, LatencyMs = new(0, 0, 0, 0, 0),
            Verdict = Verdict.Ng, Class = "scratch", Reason = Reasons.Confident, Model = Live.Current?.Model, Policy = Live.Current?.Policy,
        };
        var id = Journal.Commit(verdict);
        Interlocked.Increment(ref offered);
        var frame = new Frame(new Mat(6, 8, MatType.CV_8UC3, new Scalar(number % 256, number / 256 % 256, 9)), f => f.Picture.Dispose()) { Camera = "c1" };
        samples.Offer(frame, id, verdict, TestModel.Colour(number % 2, 1 - number % 2, 0), _ => EvidenceMaps.Left);
        return id;
    }

    /// <summary>Waits until every picture offered is kept or skipped.</summary>
    public async Task StoredAsync()
    {
        var began = Stopwatch.GetTimestamp();
        while (samples.Kept + samples.Skipped < Interlocked.Read(ref offered))
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Until.Limit, "Not every picture that was offered is kept or skipped.");
            MendOrGiveUp();
            await Task.Yield();
        }
    }

    /// <summary>One training round; while its outcome cannot be recorded the journal is mended, as often as it takes or until it cannot be.</summary>
    public async Task TrainAsync()
    {
        using var stop = new CancellationTokenSource();
        var running = round.RunAsync("anna", stop.Token);
        var troubled = false;
        var began = Stopwatch.GetTimestamp();
        while (await Task.WhenAny(running, Task.Delay(5)) != running)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Until.Limit, "The training round does not end.");
            troubled |= Journal.Trouble is not null;
            if (!troubled) continue;
            if (!MendOrGiveUp()) await stop.CancelAsync();
            // Again and again: who waits may begin to only after the trouble is over.
            roundTime.Advance(TimeSpan.FromSeconds(1));
        }

        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.True(running.IsCompletedSuccessfully || running.IsCanceled, running.Exception?.ToString());
    }

    /// <summary>What the keepers do, once. False while the journal stays closed.</summary>
    public bool Mend()
    {
        try
        {
            Journal.Mend();
            if (Index.Trouble is not null) Index.Replace(() => rebuilder.Rebuild(Journal.ReadFacts()));
        }
        catch (Exception e) when (e is JournalException or IOException or LiteDB.LiteException)
        {
            // Tried again by the next call.
        }

        return Journal.Trouble is null;
    }

    /// <summary>What waits until it is durable; mended meanwhile, or given up where it cannot be.</summary>
    public async Task<T> KnownAsync<T>(Task<T> work)
    {
        var began = Stopwatch.GetTimestamp();
        while (await Task.WhenAny(work, Task.Delay(1)) != work)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Until.Limit, "What was written does not become known.");
            MendOrGiveUp();
        }

        return await work;
    }

    public async ValueTask DisposeAsync()
    {
        if (closed) return;
        closed = true;
        Journal.StopWaiting();
        await samples.StopAsync(CancellationToken.None);
        Assert.False(samples.ExecuteTask?.IsFaulted ?? false, samples.ExecuteTask?.Exception?.ToString());
        samples.Dispose();
        store.Dispose();
        shadow.Dispose();
        Live.Dispose();
        mustCatch.Dispose();
        slot.Dispose();
        Index.Dispose();
        await Journal.DisposeAsync();
    }

    private bool MendOrGiveUp()
    {
        if (Journal.Trouble is null || Mend()) return true;
        Journal.StopWaiting();
        return false;
    }
}
