using Appliance.Capture;
using Appliance.Hosting;
using Inference.Decisions;
using Microsoft.Extensions.Hosting;

namespace Appliance.Inspection;

/// <summary>
/// The thread that gives triggers their FAULT: at their deadline, when they get no picture, and when the station stops. Neither a camera
/// nor a model that hangs can hold it up. Takes pictures on their way to the inspection queue, and faults for itself.
/// </summary>
internal sealed class FaultWorker : BackgroundService, IFrameSink
{
    private readonly ApplianceOptions options;
    private readonly InspectionQueue queue;
    private readonly OpenTriggers open;
    private readonly VerdictRecorder recorder;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    // No more than triggers are open, which are bounded, and one for each outage of a camera.
    private readonly Queue<CapturedFault> faults = new();
    private readonly SemaphoreSlim wake = new(0);
    private readonly ITimer timer;
    private volatile bool completed;

    public FaultWorker(ApplianceOptions options, InspectionQueue queue, OpenTriggers open, VerdictRecorder recorder, TimeProvider time)
    {
        (this.options, this.queue, this.open, this.recorder, this.time) = (options, queue, open, recorder, time);
        timer = time.CreateTimer(static state => ((FaultWorker)state!).wake.Release(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        open.DeadlineAdded = () => wake.Release();
    }

    public int Offer(CapturedFrame captured) => queue.Offer(captured);

    public void Fault(CapturedFault fault)
    {
        lock (gate) faults.Enqueue(fault);
        wake.Release();
    }

    /// <summary>Cameras and judgement have stopped by now: what is still open gets its FAULT.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await open.CloseAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var left in open.Left) Fault(Made(left, Reasons.Interrupted, "The appliance stopped before this trigger was judged."));
        completed = true;
        wake.Release();
        if (ExecuteTask is { } loop) await loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        timer.Dispose();
        wake.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(() => Run(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(CancellationToken cancellation)
    {
        while (true)
        {
            wake.Wait(cancellation);
            // Read first: what is enqueued before it is set is answered.
            var last = completed;
            while (TryTake(out var fault)) Answer(fault);
            TimeSpan? wait;
            while (open.NextDue(out wait) is { } trigger) Answer(Made(trigger, Reasons.Deadline, Late(trigger)));
            if (last) return;
            timer.Change(wait ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private bool TryTake(out CapturedFault fault)
    {
        lock (gate) return faults.TryDequeue(out fault!);
    }

    private void Answer(CapturedFault fault)
    {
        // Without a trigger it is the word of a camera in free run that went blind.
        var trigger = fault.Trigger;
        if (trigger is { Progress.IsOver: true }) return;
        var since = Math.Round(time.GetElapsedTime(fault.Timestamp).TotalMilliseconds, 3);
        recorder.Record(
            VerdictMessage.Fault(options.Station, fault.Camera, trigger?.Part, trigger?.Recipe ?? options.Recipe, trigger?.Id, fault.At, since, fault.Reason, fault.Detail),
            fault.Timestamp);
    }

    private CapturedFault Made(TriggerRequest trigger, string reason, string detail) => new(trigger.Camera!, trigger, reason, detail, time.GetTimestamp(), time.GetUtcNow());

    private string Late(TriggerRequest trigger)
    {
        var doing = trigger.Progress.Stage switch
        {
            TriggerStage.NoPicture => $"a picture of camera {trigger.Camera} was awaited",
            TriggerStage.Queued => "its picture waited for judgement",
            _ => "its picture was being judged",
        };
        var deadline = trigger.Deadline ?? options.Inspection.Deadline;
        return FormattableString.Invariant($"The deadline of {deadline.TotalMilliseconds:0} ms passed while {doing}.");
    }
}
