using Appliance.Capture;
using Appliance.Hosting;
using Appliance.Models.Shadows;
using Appliance.Samples;
using Appliance.Telemetry;
using Appliance.Watchdog;
using Inference.Evidence;
using Microsoft.Extensions.Hosting;

namespace Appliance.Inspection;

/// <summary>
/// The one thread that judges. Everything captured gets one verdict: committed to the journal first, and with that on its way to
/// the line; then the waiting trigger is answered, the picture goes to the samples or back to its pool, and a candidate in its shadow period looks.
/// </summary>
internal sealed class InspectionWorker(
    ApplianceOptions options, InspectionQueue queue, Judge judge, VerdictRecorder recorder, SampleWriter samples, InspectionStatistics statistics, ShadowPeriod shadow, InspectionTraces traces,
    TimeProvider time) : BackgroundService
{
    private readonly Func<Frame, EvidenceMap?> explain = judge.Explain;

    /// <summary>Busy from taking up a picture until its verdict is committed.</summary>
    public Pulse Pulse { get; } = new("Judging", time);

    /// <summary>Cameras have stopped by now: what waits is still judged.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Complete();
        if (ExecuteTask is { } loop) await loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(() => Run(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(CancellationToken cancellation)
    {
        Thread.CurrentThread.Name = "judging";
        while (queue.Take(cancellation) is { } captured)
        {
            Pulse.Begin();
            if (captured is CapturedFrame picture) Inspect(picture);
            else if (captured is CapturedFault fault) Refuse(fault);
            Pulse.End();
        }
    }

    private void Inspect(CapturedFrame captured)
    {
        var frame = captured.Frame;
        if (IsForNobody(captured))
        {
            if (captured.Trigger is not null) frame.Settle();
            frame.Dispose();
            return;
        }

        var taken = time.GetTimestamp();
        var judgement = judge.Look(frame);
        var decision = judgement.Decision;
        var verdict = new VerdictMessage
        {
            Station = options.Station,
            Camera = captured.Camera,
            Part = captured.Trigger?.Part ?? frame.Part,
            Recipe = captured.Trigger?.Recipe ?? options.Recipe,
            Trigger = captured.Trigger?.Id,
            Source = frame.SourceName,
            GrabbedAt = frame.GrabbedAt,
            LatencyMs = new(
                Round(Ms(frame.GrabTimestamp, taken)), Round(judgement.PrepareMs), Round(judgement.BackboneMs), Round(judgement.HeadMs),
                Round(Ms(frame.GrabTimestamp, time.GetTimestamp()))),
            Verdict = decision.Verdict,
            Class = decision.Class,
            Probability = decision.Probability,
            Distance = decision.Distance,
            Reason = decision.Reason,
            Detail = judgement.Detail,
            Model = judgement.Model,
            Policy = judgement.Policy,
        };
        VerdictMessage? recorded;
        var decided = time.GetTimestamp();
        try
        {
            recorded = recorder.Record(verdict, frame.GrabTimestamp);
        }
        catch
        {
            frame.Dispose();
            throw;
        }

        // One of free run that could not be recorded has none, and would be given again.
        if (recorded is not null || captured.Trigger is not null) frame.Settle();
        if (recorded is null)
        {
            frame.Dispose();
            return;
        }

        traces.Inspected(frame, recorded, taken, decided, time.GetTimestamp());
        samples.Offer(frame, new(recorded.Epoch, recorded.Sequence), recorded, judgement.HasEmbedding ? judge.Embedding : default, explain);
        if (judgement.HasEmbedding) shadow.Look(recorded, judge.Embedding);
    }

    private void Refuse(CapturedFault fault)
    {
        var trigger = fault.Trigger;
        recorder.Record(
            VerdictMessage.Fault(
                options.Station, fault.Camera, trigger?.Part, trigger?.Recipe ?? options.Recipe, trigger?.Id, fault.At, Round(Ms(fault.Timestamp, time.GetTimestamp())), fault.Reason, fault.Detail),
            fault.Timestamp);
    }

    // Nothing can be recorded and nobody asked, or who asked has a verdict.
    private bool IsForNobody(CapturedFrame captured)
    {
        if (captured.Trigger is not { Progress: var progress }) return recorder.Passes();
        progress.Stage = TriggerStage.BeingJudged;
        if (progress.IsOver) statistics.CameLate();
        return progress.IsOver;
    }

    private double Ms(long from, long to) => time.GetElapsedTime(from, to).TotalMilliseconds;

    private static double Round(double ms) => Math.Round(ms, 3);
}
