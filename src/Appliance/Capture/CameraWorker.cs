using System.Runtime.ExceptionServices;
using Appliance.Capture.Supervision;
using Inference.Decisions;
using Microsoft.Extensions.Logging;

namespace Appliance.Capture;

/// <summary>
/// One camera: takes a picture when free run is due or a trigger waits, and hands it to the sink. Every trigger gets one picture or one fault.
/// A source that fails is opened again within a restart budget; meanwhile triggers are answered FAULT at once. Its thread never calls into a driver.
/// </summary>
internal sealed class CameraWorker : IAsyncDisposable
{
    // More calls that never come back would use up the process: then only their return, or a new start of the service, helps.
    private const int MaxHanging = 8;

    private readonly CameraOptions options;
    private readonly IFrameSink sink;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Func<CancellationToken, IFrameSource> open;
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CameraCounters counters = new();
    private readonly HangingRuns hanging = new();
    private readonly TriggerLine triggers;
    private readonly Pace pace;
    private readonly SourceWatch watch;
    private readonly Restarts restarts;
    private volatile string url;
    private volatile string? lastError;
    private volatile CameraPhase phase = CameraPhase.Opening;
    private TriggerRequest? inHand;
    private SourceFailure? unsaid;
    private Thread? thread;

    /// <param name="open">Opens the source, on a thread of its own; null opens the configured one.</param>
    public CameraWorker(CameraOptions options, IFrameSink sink, TimeProvider time, ILogger logger, Func<CancellationToken, IFrameSource>? open = null)
    {
        this.options = options;
        this.sink = sink;
        this.time = time;
        this.logger = logger;
        this.open = open ?? FrameSources.Opener(options, time);
        url = SourceUrl.Parse(options.Source).Shown;
        triggers = new TriggerLine(time);
        pace = new Pace(options, time);
        watch = new SourceWatch(options, counters, time);
        restarts = new Restarts(options, () => hanging.Count < MaxHanging, time);
    }

    /// <summary>The phase is another one. Told on the camera's thread.</summary>
    public event Action? Changed;

    public string Name => options.Name;

    /// <summary>Most triggers of this camera that may be open.</summary>
    public int TriggerLimit => options.TriggerQueueLength;

    public CameraState State => new(
        Name, url, phase, counters.Grabbed, counters.Skipped, counters.Repeated, counters.Dropped, counters.Faults, triggers.Count,
        counters.Restarts, hanging.Count, lastError);

    /// <summary>Completes when the source has ended, or the worker was stopped; fails only on a fault of this program.</summary>
    public Task Completion => finished.Task;

    public void Start()
    {
        thread = new Thread(Run) { IsBackground = true, Name = "camera " + options.Name };
        thread.Start();
    }

    /// <summary>Asks for one picture; any thread. The answer, a picture or a fault, comes to the sink.</summary>
    public void Trigger(TriggerRequest request)
    {
        if (triggers.Add(request) is { } why) Fault(request, why);
    }

    /// <summary>Free run takes no pictures until it is told otherwise; any thread.</summary>
    public void Pause(bool paused)
    {
        pace.Paused = paused;
        SayBlind();
        triggers.Wake();
    }

    /// <summary>Opens a source that failed at once, with its whole restart budget and with pictures of any size; any thread.</summary>
    public void Retry()
    {
        if (State.InTrouble) restarts.Hasten();
    }

    /// <summary>Stops after the picture in hand; what still waits is answered with a fault. Does not wait for a driver.</summary>
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
        restarts.Dispose();
        lock (watch) watch.Dispose();
    }

    private void Run()
    {
        try
        {
            while (Deliver()) AwaitRestart();
            Refuse(CameraPhase.Ended, new(Reasons.Camera, $"Camera {Name} has ended: {url} has no more pictures."));
            logger.CameraEnded(Name, counters.Grabbed, url);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Refuse(CameraPhase.Stopped, new(Reasons.Camera, $"Camera {Name} is stopping."));
        }
        catch (Exception exception)
        {
            lastError = exception.ToString();
            Refuse(CameraPhase.Failed, new(Reasons.Camera, $"Camera {Name} failed: {exception.Message}"));
            finished.TrySetException(exception);
        }
        finally
        {
            finished.TrySetResult();
        }
    }

    // One opening of the source. False when it has no more pictures, true when it has failed.
    private bool Deliver()
    {
        var run = new SourceRun(options, open, watch, counters, time, triggers.Wake);
        try
        {
            if (run.WaitUntilDelivers(stop.Token)) Take(run);
            if (run.Failure is not { } failure) return false;
            if (failure.Bug is { } bug) ExceptionDispatchInfo.Throw(bug);
            // Before it is asked whether one more may be opened; waiting for its return would keep triggers from their FAULT.
            if (!run.HasReturned) hanging.Add(run);
            Lost(failure, run.StartsOver);
            return true;
        }
        finally
        {
            run.Dispose();
            if (!run.HasReturned) hanging.Add(run);
        }
    }

    private void Take(SourceRun run)
    {
        url = run.Url!;
        restarts.Delivers();
        unsaid = null;
        Become(CameraPhase.Running);
        triggers.Open();
        logger.CameraOpened(Name, url);
        while (true)
        {
            inHand = triggers.WaitFor(pace, run, stop.Token);

            // Nobody asked: a live camera is over, and no picture left in it is young enough.
            var after = inHand?.Timestamp ?? (options.Mode == CameraMode.Trigger || run.Over ? long.MaxValue : null);
            if (run.Take(after, stop.Token) is not { } frame) return;
            counters.Grab();
            if (frame.Defect is { } defect) logger.PictureDefect(Name, frame.SourceName, defect);
            var captured = new CapturedFrame(frame, inHand);
            inHand = null;
            counters.Drop(sink.Offer(captured));
        }
    }

    private void Lost(SourceFailure failure, bool startsOver)
    {
        lastError = failure.Detail;
        var found = phase is CameraPhase.Opening or CameraPhase.Running;
        var next = restarts.Plan(startsOver);
        var why = failure with { Detail = $"Camera {Name} does not deliver: {failure.Detail}" };

        // Nobody asks a camera in free run, so it says once by itself that it is blind.
        if (found && options.Mode == CameraMode.Free) unsaid = why;
        SayBlind();
        var news = next is null && phase != CameraPhase.Failed;
        Refuse(next is null ? CameraPhase.Failed : CameraPhase.Reopening, why);
        if (next is { } wait) logger.CameraLost(Name, failure.Detail, wait.TotalSeconds);
        else if (news) logger.CameraFailed(Name, failure.Detail, options.RestartLimit, options.RestartWindow);
    }

    // A paused line has no inspections of free run: it is said once that goes on, if the camera is still blind then. Any thread.
    private void SayBlind()
    {
        if (!pace.Paused && Interlocked.Exchange(ref unsaid, null) is { } why) Fault(null, why);
    }

    private void AwaitRestart()
    {
        if (restarts.Wait(stop.Token))
        {
            lock (watch) watch.ForgetSize();
            Become(CameraPhase.Reopening);
        }

        counters.Restart();
    }

    private void Refuse(CameraPhase next, SourceFailure why)
    {
        Become(next);
        if (inHand is not null) Fault(inHand, why);
        inHand = null;
        foreach (var waiting in triggers.Close(why)) Fault(waiting, why);
    }

    private void Become(CameraPhase next)
    {
        if (phase == next) return;
        phase = next;
        Changed?.Invoke();
    }

    private void Fault(TriggerRequest? request, SourceFailure why)
    {
        if (request is not null) counters.Fault();
        sink.Fault(new CapturedFault(Name, request, why.Reason, why.Detail, time.GetTimestamp(), time.GetUtcNow()));
    }
}
