using System.Buffers;
using System.Threading.Channels;
using Appliance.Capture;
using Appliance.Disk;
using Appliance.Hosting;
using Appliance.Inspection;
using Appliance.Journal;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Evidence;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Samples;

/// <summary>
/// Keeps samples behind the line's back: picture, embedding row, evidence, journal, index, in this order. A bounded queue stands between;
/// what does not fit is skipped and counted, for a sample is worth less than a verdict in time.
/// </summary>
internal sealed class SampleWriter : BackgroundService
{
    private readonly Channel<Pending> queue;
    private readonly int places;
    private readonly SamplePolicy policy;
    private readonly NearCopies copies;
    private readonly SampleStore store;
    private readonly StationJournal journal;
    private readonly DiskSpace disk;
    private readonly TimeProvider time;
    private readonly ILogger<SampleWriter> logger;
    private long kept;
    private long unkept;
    private long nearCopies;

    public SampleWriter(ApplianceOptions options, SamplePolicy policy, SampleStore store, StationJournal journal, DiskSpace disk, TimeProvider time, ILogger<SampleWriter> logger)
    {
        (this.policy, this.store, this.journal, this.disk, this.time, this.logger) = (policy, store, journal, disk, time, logger);
        copies = new NearCopies(options.Sampling.NearCopyDistance);
        places = options.Sampling.QueueLength;
        queue = Channel.CreateBounded<Pending>(new BoundedChannelOptions(places) { SingleReader = true, SingleWriter = true });
    }

    /// <summary>Samples stored since the start.</summary>
    public long Kept => Interlocked.Read(ref kept);

    /// <summary>Samples that the disk was too slow or too full for, and near copies.</summary>
    public long Skipped => Unkept + NearCopies;

    /// <summary>Of the skipped those that the disk was too slow or too full for.</summary>
    public long Unkept => Interlocked.Read(ref unkept);

    /// <inheritdoc cref="SamplePolicy.BeyondLimit"/>
    public long BeyondLimit => policy.BeyondLimit;

    /// <summary>Samples that wait for the disk.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>Of the skipped those of which one as good was kept before, see <see cref="Samples.NearCopies"/>.</summary>
    public long NearCopies => Interlocked.Read(ref nearCopies);

    /// <summary>Why nothing is kept at present; null while samples are.</summary>
    public string? WhyStopped => disk.Shortage ?? journal.Trouble;

    /// <summary>Takes over the frame. Called by the judging thread; never blocks, and what is not taken costs next to nothing.</summary>
    /// <param name="embedding">[D] values, or empty where none was computed.</param>
    /// <param name="explain">Asked for the evidence of a frame that is taken, at once.</param>
    public void Offer(Frame frame, InspectionId id, VerdictMessage verdict, ReadOnlySpan<float> embedding, Func<Frame, EvidenceMap?>? explain = null)
    {
        if (frame.Defect is not null || policy.WhyWanted(verdict.Verdict) is not { } why)
        {
            frame.Dispose();
            return;
        }

        if (WhyFull is { } full)
        {
            frame.Dispose();
            Skip(full);
            return;
        }

        if (IsNearCopy(verdict, embedding) || !policy.TryTake(verdict.Verdict))
        {
            frame.Dispose();
            return;
        }

        var values = embedding.IsEmpty ? null : ArrayPool<float>.Shared.Rent(embedding.Length);
        embedding.CopyTo(values);
        var pending = new Pending(frame, id, verdict, values, embedding.Length, explain?.Invoke(frame), why);
        // There is room, for nobody else writes; only a queue that is completed takes it not.
        if (queue.Writer.TryWrite(pending)) return;
        Release(pending);
        Skip("the station is stopping");
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        if (ExecuteTask is { } loop) await loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    // What is queued is stored at a shutdown too: only the host's time-out ends it.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        await foreach (var pending in queue.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                // The disk may have filled up while it waited.
                if (WhyStopped is { } stopped) Skip(stopped);
                // The one that it is a copy of may have waited before it.
                else if (!IsNearCopy(pending.Verdict, pending.Values.Span) && await TryKeepAsync(pending)) Remember(pending);
            }
            finally
            {
                Release(pending);
            }
        }
    }

    private string? WhyFull => WhyStopped ?? (queue.Reader.Count < places ? null : "the queue for the disk is full");

    private bool IsNearCopy(VerdictMessage verdict, ReadOnlySpan<float> embedding)
    {
        if (embedding.IsEmpty || !copies.Has(verdict, embedding)) return false;
        // No trouble, so it is counted and not logged.
        Interlocked.Increment(ref nearCopies);
        return true;
    }

    private void Remember(Pending pending)
    {
        Interlocked.Increment(ref kept);
        if (pending.Embedding is not null) copies.Add(pending.Verdict, pending.Values.Span);
    }

    private async Task<bool> TryKeepAsync(Pending pending)
    {
        try
        {
            return await store.KeepAsync(pending.Id, pictures => Store(pending.Frame, pictures), pending.Values, pending.Evidence, stored => [Describe(pending, stored)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EmbeddingFileException or OpenCvSharp.OpenCVException or JournalException)
        {
            Skip(e.Message);
            return false;
        }
    }

    private static StoredPicture Store(Frame frame, PictureStore pictures) =>
        frame is { OriginalBytes: { } bytes, OriginalExtension: { } extension } ? pictures.Store(bytes, extension) : pictures.Store(frame.Picture);

    private SampleKept Describe(Pending pending, StoredSample stored)
    {
        var (v, picture) = (pending.Verdict, stored.Picture);
        return new(
            pending.Id.ToString(), v.Camera, v.Part, v.Recipe, v.Source, picture.Sha256, picture.Extension, picture.LengthBytes,
            stored.EmbeddingIdentity, stored.Row, v.Verdict.Word(), v.Class, v.Probability, v.Distance, v.Reason, v.Model, v.Policy,
            v.GrabbedAt, pending.Why, stored.Evidence) { At = time.GetUtcNow() };
    }

    private void Skip(string reason)
    {
        if (Interlocked.Increment(ref unkept) is var n && (n & (n - 1)) == 0) logger.SampleSkipped(n, reason);
    }

    private static void Release(Pending pending)
    {
        pending.Frame.Dispose();
        if (pending.Embedding is { } values) ArrayPool<float>.Shared.Return(values);
    }

    private sealed record Pending(Frame Frame, InspectionId Id, VerdictMessage Verdict, float[]? Embedding, int Length, EvidenceMap? Evidence, string Why)
    {
        public ReadOnlyMemory<float> Values => Embedding.AsMemory(0, Embedding is null ? 0 : Length);
    }
}

internal static partial class SampleLog
{
    // Logged at 1, 2, 4, 8 …: a full disk must not fill the log as well.
    [LoggerMessage(5000, LogLevel.Warning, "A sample was not kept ({Count} since the start): {Reason}. Verdicts go on.")]
    public static partial void SampleSkipped(this ILogger logger, long count, string reason);
}
