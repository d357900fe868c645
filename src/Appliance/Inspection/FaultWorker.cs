using Appliance.Capture;
using Appliance.Hosting;
using Appliance.Watchdog;
using Inference.Decisions;
using Microsoft.Extensions.Hosting;

namespace Appliance.Inspection;

/// <summary>
/// The thread that gives triggers their FAULT: at their deadline, when they get no picture, and when the station stops. Neither a camera
/// nor a model that hangs can hold it up. Tries verdicts again that a failing journal did not take. Takes pictures on their way to the inspection
/// queue, and faults for itself.
/// </summary>
internal sealed class FaultWorker : BackgroundService, IFrameSink
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(100);
    private readonly ApplianceOptions options;
    private readonly InspectionQueue queue;
    private readonly OpenTriggers open;
    private readonly VerdictRecorder recorder;
    private readonly Pulse judging;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    // No more than triggers are open, which are bounded, and one for each outage of a camera.
    private readonly Queue<CapturedFault> faults = new();
    private readonly Wake wake;
    private volatile bool completed;

    /// <param name="judging">Of the thread that judges.</param>
    public FaultWorker(ApplianceOptions options, InspectionQueue queue, OpenTriggers open, VerdictRecorder recorder, Pulse judging, TimeProvider time)
    {
        (this.options, this.queue, this.open, this.recorder, this.judging, this.time) = (options, queue, open, recorder, judging, time);
        wake = new Wake(time);
        open.DeadlineAdded = wake.Set;
        recorder.Kept = wake.Set;
    }

    public int Offer(CapturedFrame captured) => queue.Offer(captured);

    public void Fault(CapturedFault fault)
    {
        lock (gate) faults.Enqueue(fault);
        wake.Set();
    }

    /// <summary>Cameras and judgement have stopped by now: what is still open gets its FAULT.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await open.CloseAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var left in open.Left) Fault(Made(left, Reasons.Interrupted, "The appliance stopped before this trigger was judged."));
        completed = true;
        wake.Set();
        if (ExecuteTask is { } loop) await loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        wake.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(() => Run(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(CancellationToken cancellation)
    {
        Thread.CurrentThread.Name = "faults";
        TimeSpan? wait = null;
        while (true)
        {
            wake.Wait(wait, cancellation);
            // Read first: what is enqueued before it is set is answered.
            var last = completed;
            var recorded = recorder.Retry();
            while (TryTake(out var fault)) Answer(fault);
            while (open.NextDue(out wait) is { } trigger) Answer(Made(trigger, Reasons.Deadline, Late(trigger)));
            if (last) return;
            if (!recorded && !(wait < RetryPeriod)) wait = RetryPeriod;
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
            // A camera that has no room for a picture more waits for judgement as well.
            TriggerStage.NoPicture when judging.Busy is var busy && busy > time.GetElapsedTime(trigger.Timestamp)
                => FormattableString.Invariant($"judgement was awaited: one picture has been judged for {busy.TotalSeconds:0.0} s"),
            TriggerStage.NoPicture => $"a picture of camera {trigger.Camera} was awaited",
            TriggerStage.Queued => "its picture waited for judgement",
            _ => "its picture was being judged",
        };
        var deadline = trigger.Deadline ?? options.Inspection.Deadline;
        return FormattableString.Invariant($"The deadline of {deadline.TotalMilliseconds:0} ms passed while {doing}.");
    }
}
