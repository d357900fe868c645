using Inference.Decisions;
using OpenCvSharp;

namespace Appliance.Capture.Supervision;

/// <summary>
/// One opening of a source, on a thread of its own, the only one that touches it: it opens, reads and disposes. A live source is read all the
/// time, so that no buffer in driver or network holds old pictures; another gives its next picture when asked.
/// A driver call that outlasts its limit ends the run but not the thread: that disposes of what it has when the call comes back.
/// </summary>
internal sealed class SourceRun : IDisposable
{
    // The source's own time-outs come first: they say more.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly CameraOptions options;
    private readonly Func<CancellationToken, IFrameSource> open;
    private readonly SourceWatch watch;
    private readonly Action over;
    private readonly TimeProvider time;
    private readonly PictureSlot slot;
    private readonly CallLimit limit;
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim asked = new(0);
    private readonly Thread thread;
    private IFrameSource? source;
    private volatile bool live;
    private bool startsOver;

    /// <param name="over">Called once when the source has ended or failed by itself.</param>
    public SourceRun(CameraOptions options, Func<CancellationToken, IFrameSource> open, SourceWatch watch, CameraCounters counters, TimeProvider time, Action over)
    {
        this.options = options;
        this.open = open;
        this.watch = watch;
        this.over = over;
        this.time = time;
        slot = new PictureSlot(counters);
        limit = new CallLimit(time, passed => Close(new(Reasons.Camera, $"a call into its driver or file system has not come back within {passed.TotalSeconds:0.###} s.")));
        thread = new Thread(Run) { IsBackground = true, Name = "source " + options.Name };
        thread.Start();
    }

    /// <summary>No more pictures will come.</summary>
    public bool Over => slot.IsClosed;

    /// <summary>Why it is over; null where the source has ended.</summary>
    public SourceFailure? Failure => slot.Failure;

    /// <summary>Null until the source is open.</summary>
    public string? Url { get; private set; }

    /// <summary>Opening the source again would give pictures that were given already.</summary>
    public bool StartsOver => Volatile.Read(ref startsOver);

    /// <summary>The thread has come back from its last call.</summary>
    public bool HasReturned => !thread.IsAlive;

    /// <summary>Blocks until the source is open and, where it is live, has given a good picture. False when it failed first.</summary>
    public bool WaitUntilDelivers(CancellationToken cancellation) => slot.WaitUntilDelivers(cancellation);

    /// <summary>Blocks until a picture; of a live source one exposed after the timestamp, where one is given. Null when it is over.</summary>
    public Frame? Take(long? after, CancellationToken cancellation)
    {
        if (!live) asked.Release();
        return slot.Take(after, cancellation);
    }

    /// <summary>Ends the run. A thread that is in a call is waited for only a short while, see <see cref="HasReturned"/>.</summary>
    public void Dispose()
    {
        slot.Close(null);
        slot.Drop();
        limit.Dispose();
        stop.Cancel();
        if (!thread.Join(Patience)) return;
        slot.Dispose();
        stop.Dispose();
        asked.Dispose();
    }

    private void Run()
    {
        SourceFailure? failure = null;
        try
        {
            failure = Open() ? Read(source!) : null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ended.
        }
        catch (Exception exception)
        {
            failure = exception is SourceException or OpenCVException or IOException or UnauthorizedAccessException ? new(Reasons.Camera, exception.Message) : new(Reasons.Camera, exception.ToString(), exception);
        }

        limit.End();
        Close(failure);
        DisposeQuietly();
    }

    private void DisposeQuietly()
    {
        try
        {
            source?.Dispose();
        }
        catch (Exception)
        {
            // The run is over and said why; what its driver says at the end, maybe hours later, must not end the process.
        }
    }

    // False where nobody waits for it any more.
    private bool Open()
    {
        limit.Begin(options.OpenTimeout + Grace);
        source = open(stop.Token);
        limit.End();
        (Url, live) = (source.Url, source.IsLive);
        return !Over;
    }

    private SourceFailure? Read(IFrameSource opened)
    {
        if (opened.IsLive) return ReadLive(opened);
        slot.Delivers();
        while (true)
        {
            asked.Wait(stop.Token);
            while (!Within(opened.IsReady)) opened.AwaitNews(stop.Token);
            var frame = Within(() => opened.Grab(stop.Token));
            if (frame is null) return null;
            Volatile.Write(ref startsOver, opened.IsOnce);
            BlackPicture.Refuse(frame, options.BlackLevel);
            slot.Put(frame, long.MaxValue);
        }
    }

    private T Within<T>(Func<T> call)
    {
        limit.Begin(options.OpenTimeout + Grace);
        var result = call();
        limit.End();
        return result;
    }

    private SourceFailure? ReadLive(IFrameSource opened)
    {
        lock (watch) watch.Begin();

        // The first picture may have waited in the peer since before the opening. From then on exposure begins after the delivery before, less what is on its way.
        var delivered = long.MinValue;
        var latency = (long)(options.LatencyOrDefault.TotalSeconds * time.TimestampFrequency);
        while (true)
        {
            limit.Begin(options.ReadTimeout + Grace);
            var frame = opened.Grab(stop.Token);
            limit.End();
            if (frame is null) return new(Reasons.Camera, $"source '{opened.Url}' has ended.");
            var grabbed = frame.GrabTimestamp;
            if (Keep(frame, Math.Min(delivered, grabbed - latency)) is { } failure) return failure;
            delivered = grabbed;
        }
    }

    private SourceFailure? Keep(Frame frame, long exposedSince)
    {
        Sighting seen;
        SourceFailure? failure;
        lock (watch)
        {
            // The watch belongs to the next run by now.
            if (Over)
            {
                frame.Dispose();
                throw new OperationCanceledException(stop.Token);
            }

            seen = watch.Look(frame, out failure);
        }

        if (seen is Sighting.Good or Sighting.Black) slot.Put(frame, exposedSince);
        else frame.Dispose();
        if (seen == Sighting.Good) slot.Delivers();
        return failure;
    }

    private void Close(SourceFailure? why)
    {
        if (slot.Close(why)) over();
    }
}
