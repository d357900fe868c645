using Inference.Decisions;
using Microsoft.Extensions.Logging;

namespace Appliance.Capture;

/// <summary>
/// One camera's thread: opens its source, takes a picture when free run is due or a trigger waits, and hands it to the sink.
/// Every trigger gets one picture or one fault, also when the source fails, ends, or the worker stops.
/// </summary>
internal sealed class CameraWorker : IAsyncDisposable
{
    private readonly CameraOptions options;
    private readonly IFrameSink sink;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Func<IFrameSource> open;
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TriggerLine triggers;
    private readonly Pace pace;
    private long grabbed;
    private long dropped;
    private long faults;
    private Shutter? shutter;
    private volatile string url;
    private volatile string? lastError;
    private volatile CameraPhase phase = CameraPhase.Opening;
    private Thread? thread;

    /// <param name="open">Opens the source on the camera's thread; null opens the configured one.</param>
    public CameraWorker(CameraOptions options, IFrameSink sink, TimeProvider time, ILogger logger, Func<IFrameSource>? open = null)
    {
        this.options = options;
        this.sink = sink;
        this.time = time;
        this.logger = logger;
        this.open = open ?? (() => FrameSources.Open(options.Source, options, time));
        url = SourceUrl.Parse(options.Source).Shown;
        triggers = new TriggerLine(options.TriggerQueueLength, time);
        pace = new Pace(options, time);
    }

    public string Name => options.Name;

    /// <summary>Most triggers of this camera that may be open.</summary>
    public int TriggerLimit => options.TriggerQueueLength;

    public CameraState State => new(
        Name, url, phase, Interlocked.Read(ref grabbed), shutter?.Skipped ?? 0, Interlocked.Read(ref dropped), Interlocked.Read(ref faults), triggers.Count, lastError);

    /// <summary>Completes when the source has ended or failed, or the worker was stopped; fails only on a fault of this program.</summary>
    public Task Completion => finished.Task;

    public void Start()
    {
        thread = new Thread(Run) { IsBackground = true, Name = "camera " + options.Name };
        thread.Start();
    }

    /// <summary>Asks for one picture; any thread. The answer, a picture or a fault, comes to the sink.</summary>
    public void Trigger(TriggerRequest request)
    {
        switch (triggers.Add(request))
        {
            case TriggerLine.Admission.Full:
                Fault(request, Reasons.Overload, $"{options.TriggerQueueLength} triggers wait for camera {Name}.");
                break;
            case TriggerLine.Admission.Closed:
                Fault(request, Reasons.Camera, ClosedReason());
                break;
        }
    }

    /// <summary>Free run takes no pictures until it is told otherwise; any thread.</summary>
    public void Pause(bool paused)
    {
        pace.Paused = paused;
        triggers.Wake();
    }

    /// <summary>Stops after the picture in hand; what still waits is answered with a fault.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        if (thread is null) finished.TrySetResult();
        await finished.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
        triggers.Dispose();
    }

    private void Run()
    {
        TriggerRequest? inHand = null;
        try
        {
            using var source = open();
            url = source.Url;
            using var taking = new Shutter(source, time, triggers.Wake);
            shutter = taking;
            phase = CameraPhase.Running;
            logger.CameraOpened(Name, url);
            phase = Loop(taking, ref inHand);
            if (phase == CameraPhase.Ended) logger.CameraEnded(Name, Interlocked.Read(ref grabbed), url);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            phase = CameraPhase.Stopped;
        }
        catch (SourceException exception)
        {
            Failed(exception.Message);
        }
        catch (Exception exception)
        {
            Failed(exception.ToString());
            finished.TrySetException(exception);
        }
        finally
        {
            if (inHand is not null) Fault(inHand, Reasons.Camera, ClosedReason());
            foreach (var waiting in triggers.Close()) Fault(waiting, Reasons.Camera, ClosedReason());
            finished.TrySetResult();
        }
    }

    private CameraPhase Loop(Shutter taking, ref TriggerRequest? inHand)
    {
        while (true)
        {
            inHand = triggers.WaitFor(pace, taking, stop.Token);

            // Nobody asked: a live camera is over, and no picture left in it is young enough.
            var after = inHand?.Timestamp ?? (options.Mode == CameraMode.Trigger ? long.MaxValue : null);
            if (taking.Take(after, stop.Token) is not { } frame) return CameraPhase.Ended;
            Interlocked.Increment(ref grabbed);
            if (frame.Defect is { } defect) logger.PictureDefect(Name, frame.SourceName, defect);
            var captured = new CapturedFrame(frame, inHand);
            inHand = null;
            Interlocked.Add(ref dropped, sink.Offer(captured));
        }
    }

    private void Failed(string reason)
    {
        lastError = reason;
        phase = CameraPhase.Failed;
        logger.CameraFailed(Name, reason);
    }

    private string ClosedReason() => phase switch
    {
        CameraPhase.Ended => $"Camera {Name} has ended: {url} has no more pictures.",
        CameraPhase.Failed => $"Camera {Name} failed: {lastError}",
        _ => $"Camera {Name} is stopping.",
    };

    private void Fault(TriggerRequest request, string reason, string detail)
    {
        Interlocked.Increment(ref faults);
        sink.Fault(new CapturedFault(Name, request, reason, detail, time.GetTimestamp(), time.GetUtcNow()));
    }
}
