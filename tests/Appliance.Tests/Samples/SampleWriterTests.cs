using Appliance.Capture;
using Appliance.Disk;
using Appliance.Evidence;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Samples;
using Appliance.Tests.Evidence;
using Appliance.Tests.Hosting;
using Appliance.Tests.Inspection;
using Inference.Decisions;
using Inference.Embeddings;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OpenCvSharp;
using Testing.Files;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Appliance.Tests.Samples;

public sealed class SampleWriterTests : IAsyncLifetime
{
    private readonly StationBench bench = new();
    private readonly LogEvents<SampleWriter> log = new();
    private SampleWriter? writer;
    private int handedOut;
    private int returned;
    private int explained;

    private static CancellationToken Cancellation => Until.Cancellation;

    private string Evidence => EvidenceStore.RootOf(bench.Options.StateDirectory);

    private string Pictures => SampleFiles.Pictures(bench.Options.StateDirectory);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        bench.Files.FailWhen = null;
        if (writer is not null) await StopAsync();
        writer?.Dispose();
        Assert.Equal(handedOut, returned);
        await bench.DisposeAsync();
    }

    [Fact]
    public async Task Offer_AFrame_IsKeptAsPictureRowFactAndInTheIndex()
    {
        var id = Offer(Create(), Paint.Red, embedding: TestModel.Colour(1, 0.5f, 0));
        await RunAsync();
        var sample = bench.Index.ById(id.ToString())!.Kept;
        Assert.Equal(sample, Assert.Single(bench.Journal.ReadFacts().OfType<SampleKept>()));
        Assert.Equal((bench.Backbone.Embedding.Identity, 0L, "NG", "verdict"), (sample.EmbeddingIdentity, sample.Row, sample.Verdict, sample.Why));
        Assert.Equal((0.5, 3), new EvidenceStore(bench.Files, Evidence).Read(id, sample.Evidence!)!.PeakPx);
        using var picture = Cv2.ImRead(Path.Combine(Pictures, sample.Picture[..2], sample.Picture + ".png"));
        Assert.Equal(new Vec3b(0, 0, 255), picture.At<Vec3b>(3, 3));
        using var rows = new EmbeddingFileReader(bench.EmbeddingFile, bench.Backbone.Embedding);
        var values = new float[6];
        rows.Read(0, values);
        Assert.Equal(TestModel.Colour(1, 0.5f, 0), values);
        Assert.Equal((1, 0), (writer!.Kept, writer.Skipped));
    }

    [Fact]
    public async Task Offer_OriginalBytes_AreKeptAsTheyAre()
    {
        byte[] bytes = [1, 2, 3];
        var id = Offer(Create(), Paint.Red, original: bytes);
        await RunAsync();
        var sample = bench.Index.ById(id.ToString())!.Kept;
        Assert.Equal((".jpg", 3L, -1L, null), (sample.Extension, sample.PictureBytes, sample.Row, sample.EmbeddingIdentity));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Directory.GetFiles(Pictures, "*", SearchOption.AllDirectories).Single(), Cancellation));
    }

    [Theory]
    [InlineData("pictures")]
    [InlineData("embeddings")]
    [InlineData("evidence")]
    [InlineData("facts")]
    public async Task Store_WhenOneStepFails_NothingThatComesAfterItIsThere(string step)
    {
        Offer(Create(), Paint.Red, embedding: TestModel.Colour(1, 0, 0));
        bench.Files.FailWhen = (operation, path) => operation is FileOperation.Write && path.Contains(step, StringComparison.Ordinal);
        await RunAsync();
        var there = (
            Directory.Exists(Pictures) && Directory.GetFiles(Pictures, "*.png", SearchOption.AllDirectories).Length > 0,
            EmbeddingFileInspection.CountRows(bench.EmbeddingFile) > 0, bench.Journal.ReadFacts().OfType<SampleKept>().Any(), bench.Index.CountByLabel().Values.Sum() > 0);
        Assert.Equal((step != "pictures", step is "evidence" or "facts", false, false), there);
        Assert.Equal((0, 1, false), (writer!.Kept, writer.Skipped, writer.ExecuteTask!.IsFaulted));
    }

    [Theory]
    [InlineData("pictures", nameof(FileOperation.Sync))]
    [InlineData("pictures", nameof(FileOperation.Rename))]
    [InlineData("embeddings", nameof(FileOperation.Sync))]
    [InlineData("embeddings", nameof(FileOperation.Write))]
    public async Task Store_AfterTheDiskIsWellAgain_KeepsTheNextOne(string step, string failing)
    {
        var failed = false;
        bench.Files.TornWrites = true;
        Create();
        bench.Files.FailWhen = (operation, path) => !failed && (failed = operation.ToString() == failing && path.Contains(step, StringComparison.Ordinal));
        Offer(writer!, Paint.Red, embedding: TestModel.Colour(1, 0, 0));
        var second = Offer(writer!, Paint.Green, embedding: TestModel.Colour(0, 1, 0));
        await RunAsync();
        Assert.Equal((1, 1), (writer!.Kept, writer.Skipped));
        Assert.Single(log.At(LogLevel.Warning));
        using var rows = new EmbeddingFileReader(bench.EmbeddingFile, bench.Backbone.Embedding);
        var values = new float[6];
        rows.Read(bench.Index.ById(second.ToString())!.Kept.Row, values);
        Assert.Equal(TestModel.Colour(0, 1, 0), values);
    }

    [Fact]
    public async Task Offer_MoreThanTheQueueHolds_IsSkippedCountedAndGivenBackAtOnce()
    {
        bench.Options.Sampling.QueueLength = 2;
        Create();
        for (var i = 0; i < 5; i++) Offer(writer!, Paint.Red, embedding: TestModel.Colour(1, i / 4f, 0));
        // Those that are not taken are not explained either.
        Assert.Equal((3, 3, 2), (writer!.Skipped, returned, explained));
        Assert.Equal(2, log.At(LogLevel.Warning).Count());
        await RunAsync();
        Assert.Equal(2, writer.Kept);
    }

    [Fact]
    public async Task Store_DiskFillsUpWhileSamplesWait_WritesNoneOfThemAndSaysWhy()
    {
        var (clock, free) = (new FakeTimeProvider(), bench.Options.Disk.MinFreeBytes);
        Create(new DiskSpace(bench.Options.Disk, () => free, clock, NullLogger<DiskSpace>.Instance));
        for (var i = 0; i < 3; i++) Offer(writer!, Paint.Red, embedding: TestModel.Colour(1, 0, 0));
        (free, var before) = (0, writer!.Skipped);
        clock.Advance(TimeSpan.FromSeconds(1));
        await RunAsync();
        Assert.Equal((0, 0, 3), (before, writer.Kept, writer.Skipped));
        Assert.Contains("bytes are free", log.At(LogLevel.Warning).First(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Pictures) && Directory.EnumerateFiles(Pictures, "*", SearchOption.AllDirectories).Any());
    }

    [Fact]
    public async Task Offer_WhatThePolicyLeavesOrIsBroken_IsGivenBack()
    {
        Create();
        bench.Options.Sampling.OkShare = 0;
        Offer(writer!, Paint.Red, Verdict.Ok);
        Offer(writer!, Paint.Red, Verdict.Fault, defect: "cut off");
        Assert.Equal(2, returned);
        await RunAsync();
        Assert.Equal((0, 0), (writer!.Kept, writer.Skipped));
    }

    [Fact]
    public async Task Offer_TheSamePartAlikeAgain_IsSkippedAndCountedAsNearCopy()
    {
        Create();
        Offer(writer!, Paint.Red, embedding: TestModel.Colour(1, 0.5f, 0), part: "p1");
        Offer(writer!, Paint.Red, embedding: TestModel.Colour(1, 0.505f, 0), part: "p1");
        Offer(writer!, Paint.Red, embedding: TestModel.Colour(1, 0.9f, 0), part: "p1");
        await RunAsync();
        Assert.Equal((2, 1, 1), (writer!.Kept, writer.Skipped, writer.NearCopies));
        Assert.Empty(log.At(LogLevel.Warning));
    }

    [Fact]
    public async Task Offer_ANearCopyOfOneThatIsKept_IsGivenBackAtOnceUnexplained()
    {
        Create();
        await writer!.StartAsync(Cancellation);
        Offer(writer, Paint.Red, embedding: TestModel.Colour(1, 0.5f, 0), part: "p1");
        await Until.HoldsAsync(() => writer.Kept == 1 && returned == 1);
        Offer(writer, Paint.Red, embedding: TestModel.Colour(1, 0.505f, 0), part: "p1");
        Assert.Equal((2, 1, 1, 1), (returned, explained, writer.Skipped, writer.NearCopies));
    }

    [Fact]
    public async Task Offer_NearCopies_TakeNoPlaceOfTheMinuteFromOtherParts()
    {
        bench.Options.Sampling.MaxPerMinute = 2;
        Create();
        await writer!.StartAsync(Cancellation);
        Offer(writer, Paint.Red, embedding: TestModel.Colour(1, 0, 0), part: "stuck");
        await Until.HoldsAsync(() => writer.Kept == 1);
        for (var i = 0; i < 5; i++) Offer(writer, Paint.Red, embedding: TestModel.Colour(1, 0, 0), part: "stuck");
        for (var i = 0; i < 3; i++) Offer(writer, Paint.Red, embedding: TestModel.Colour(1, 0, 0), part: $"p{i}");
        await Until.HoldsAsync(() => writer.Kept == 2);
        Assert.Equal((5, 5, 2), (writer.Skipped, writer.NearCopies, writer.BeyondLimit));
    }

    [Fact]
    public async Task Offer_DifferentPartsHoweverAlike_AreAllKept()
    {
        bench.Options.Sampling.OkShare = 1;
        Create();
        foreach (var verdict in new[] { Verdict.Ng, Verdict.Unsure, Verdict.Ok })
        {
            for (var i = 0; i < 3; i++) Offer(writer!, Paint.Red, verdict, TestModel.Colour(1, 0, 0), part: $"p{i}");
            // A trigger is a part, though nobody says which.
            for (var i = 0; i < 3; i++) Offer(writer!, Paint.Red, verdict, TestModel.Colour(1, 0, 0), trigger: $"{verdict}-{i}");
        }

        await RunAsync();
        Assert.Equal((18, 0), (writer!.Kept, writer.Skipped));
    }

    [Fact]
    public async Task Offer_ThePartSeenOtherwiseOrLongAgo_IsNoCopy()
    {
        bench.Options.Sampling.QueueLength = 100;
        Create();
        Offer(writer!, Paint.Red, Verdict.Ng, TestModel.Colour(1, 0, 0), part: "p");
        Offer(writer!, Paint.Red, Verdict.Unsure, TestModel.Colour(1, 0, 0), part: "p");
        Offer(writer!, Paint.Red, Verdict.Ng, TestModel.Colour(1, 0, 0), part: "p");
        // Nobody says that these are one part.
        for (var i = 0; i < 2; i++) Offer(writer!, Paint.Red, Verdict.Ng, TestModel.Colour(1, 0, 0));
        // The memory is bounded: after 64 other parts the first is forgotten.
        for (var i = 0; i < 64; i++) Offer(writer!, Paint.Red, Verdict.Ng, TestModel.Colour(1, 0, 0), part: $"p{i}");
        Offer(writer!, Paint.Red, Verdict.Ng, TestModel.Colour(1, 0, 0), part: "p");
        await RunAsync();
        Assert.Equal((69, 1), (writer!.Kept, writer.NearCopies));
    }

    private SampleWriter Create(DiskSpace? disk = null)
    {
        bench.Options.Sampling.NearCopyDistance = 0.02;
        return writer = new SampleWriter(bench.Options, new SamplePolicy(bench.Options.Sampling, TimeProvider.System, new Random(1)), bench.Samples, bench.Journal, disk ?? bench.Disk, TimeProvider.System, log);
    }

    private InspectionId Offer(SampleWriter to, Paint paint, Verdict verdict = Verdict.Ng, float[]? embedding = null, byte[]? original = null, string? defect = null, string? part = null, string? trigger = null)
    {
        if (trigger is not null) Assert.True(bench.Journal.TryAcceptAsync(new(trigger, "c1", null, "r") { At = DateTimeOffset.UnixEpoch }, Cancellation).GetAwaiter().GetResult());
        var message = new VerdictMessage
        {
            Station = "s1", Part = part, Trigger = trigger, Camera = "c1", Recipe = "r", GrabbedAt = DateTimeOffset.UnixEpoch, LatencyMs = new(0, 0, 0, 0, 0), Verdict = verdict, Reason = Reasons.Confident,
        };
        var id = bench.Journal.Commit(message);
        handedOut++;
        using var painted = Paints.Frame(paint);
        var frame = new Frame(painted.Picture.Clone(), f =>
        {
            f.Picture.Dispose();
            Interlocked.Increment(ref returned);
        }) { Camera = "c1", OriginalBytes = original, OriginalExtension = original is null ? null : ".jpg", Defect = defect };
        to.Offer(frame, id, message, embedding, _ =>
        {
            explained++;
            return EvidenceMaps.Left;
        });
        return id;
    }

    /// <summary>Starts, and stops when all that waits is stored.</summary>
    private async Task RunAsync()
    {
        await writer!.StartAsync(Cancellation);
        await StopAsync();
    }

    private Task StopAsync() => writer!.StopAsync(Cancellation);
}
