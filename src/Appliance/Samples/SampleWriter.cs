using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Appliance.Capture;
using Appliance.Disk;
using Appliance.Evidence;
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
    private readonly SamplePolicy policy;
    private readonly PictureStore pictures;
    private readonly EvidenceStore evidence;
    private readonly Func<EmbeddingFileWriter> openEmbeddings;
    private readonly string identity;
    private readonly StationJournal journal;
    private readonly SampleIndex index;
    private readonly DiskSpace disk;
    private readonly TimeProvider time;
    private readonly ILogger<SampleWriter> logger;
    private EmbeddingFileWriter? embeddings;
    private long kept;
    private long skipped;

    public SampleWriter(
        ApplianceOptions options, SamplePolicy policy, PictureStore pictures, EvidenceStore evidence, Func<EmbeddingFileWriter> openEmbeddings, EmbeddingSpec spec,
        StationJournal journal, SampleIndex index, DiskSpace disk, TimeProvider time, ILogger<SampleWriter> logger)
    {
        (this.policy, this.pictures, this.evidence, this.openEmbeddings, identity) = (policy, pictures, evidence, openEmbeddings, spec.Identity);
        embeddings = openEmbeddings();
        (this.journal, this.index, this.disk, this.time, this.logger) = (journal, index, disk, time, logger);
        queue = Channel.CreateBounded<Pending>(new BoundedChannelOptions(options.Sampling.QueueLength) { SingleReader = true, SingleWriter = true });
    }

    /// <summary>Samples stored since the start.</summary>
    public long Kept => Interlocked.Read(ref kept);

    /// <summary>Samples that the disk was too slow or too full for.</summary>
    public long Skipped => Interlocked.Read(ref skipped);

    /// <summary>Samples that wait for the disk.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>Why nothing is kept at present; null while samples are.</summary>
    public string? WhyStopped => disk.Shortage ?? journal.Trouble;

    /// <summary>Takes over the frame. Called by the judging thread; never blocks.</summary>
    /// <param name="embedding">[D] values, or empty where none was computed.</param>
    /// <param name="explain">Asked for the evidence of a frame that is kept, at once.</param>
    public void Offer(Frame frame, InspectionId id, VerdictMessage verdict, ReadOnlySpan<float> embedding, Func<Frame, EvidenceMap?>? explain = null)
    {
        if (frame.Defect is not null || policy.WhyKept(verdict.Verdict) is not { } why)
        {
            frame.Dispose();
            return;
        }

        if (WhyStopped is { } stopped)
        {
            frame.Dispose();
            Skip(stopped);
            return;
        }

        var values = embedding.IsEmpty ? null : ArrayPool<float>.Shared.Rent(embedding.Length);
        embedding.CopyTo(values);
        var pending = new Pending(frame, id, verdict, values, embedding.Length, explain?.Invoke(frame), why);
        if (queue.Writer.TryWrite(pending)) return;
        Release(pending);
        Skip("the queue for the disk is full");
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        if (ExecuteTask is { } loop) await loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        embeddings?.Dispose();
        base.Dispose();
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
                else if (TryStoreFiles(pending, out var picture, out var row, out var explained) && await TryRecordAsync(pending, picture, row, explained)) Interlocked.Increment(ref kept);
            }
            finally
            {
                Release(pending);
            }
        }
    }

    private bool TryStoreFiles(Pending pending, [NotNullWhen(true)] out StoredPicture? picture, out long row, out string? explained)
    {
        (picture, row, explained) = (null, -1, null);
        try
        {
            picture = pending.Frame is { OriginalBytes: { } bytes, OriginalExtension: { } extension }
                ? pictures.Store(bytes, extension)
                : pictures.Store(pending.Frame.Picture);
            if (pending.Embedding is { } values) row = Append(pending.Id, values.AsSpan(0, pending.Length));
            if (pending.Evidence is { } map) explained = evidence.Store(pending.Id, map);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EmbeddingFileException or OpenCvSharp.OpenCVException)
        {
            Skip(e.Message);
            return false;
        }
    }

    private long Append(InspectionId id, ReadOnlySpan<float> values)
    {
        embeddings ??= openEmbeddings();
        try
        {
            var row = embeddings.Append(id.Epoch, id.Sequence, values);
            embeddings.Sync();
            return row;
        }
        catch
        {
            // A sync that failed is never asked for again on the same descriptor.
            embeddings.Dispose();
            embeddings = null;
            throw;
        }
    }

    // Without its fact, picture, row and evidence are not a sample; they stay where they are and hurt nobody.
    private async Task<bool> TryRecordAsync(Pending pending, StoredPicture picture, long row, string? explained)
    {
        var v = pending.Verdict;
        var fact = new SampleKept(
            pending.Id.ToString(), v.Camera, v.Part, v.Recipe, v.Source, picture.Sha256, picture.Extension, picture.LengthBytes,
            row < 0 ? null : identity, row, v.Verdict.Word(), v.Class, v.Probability, v.Distance, v.Reason, v.Model, v.Policy,
            v.GrabbedAt, pending.Why, explained) { At = time.GetUtcNow() };
        try
        {
            await journal.AppendDurableAsync(fact, CancellationToken.None);
        }
        catch (JournalException e)
        {
            Skip(e.Message);
            return false;
        }

        index.Apply(fact);
        return true;
    }

    private void Skip(string reason)
    {
        if (Interlocked.Increment(ref skipped) is var n && (n & (n - 1)) == 0) logger.SampleSkipped(n, reason);
    }

    private static void Release(Pending pending)
    {
        pending.Frame.Dispose();
        if (pending.Embedding is { } values) ArrayPool<float>.Shared.Return(values);
    }

    private sealed record Pending(Frame Frame, InspectionId Id, VerdictMessage Verdict, float[]? Embedding, int Length, EvidenceMap? Evidence, string Why);
}

internal static partial class SampleLog
{
    // Logged at 1, 2, 4, 8 …: a full disk must not fill the log as well.
    [LoggerMessage(5000, LogLevel.Warning, "A sample was not kept ({Count} since the start): {Reason}. Verdicts go on.")]
    public static partial void SampleSkipped(this ILogger logger, long count, string reason);
}
