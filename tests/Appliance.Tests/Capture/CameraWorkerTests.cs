using Appliance.Capture;
using Inference.Decisions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Tests.Capture;

public sealed class CameraWorkerTests : IAsyncDisposable
{
    private static CancellationToken Cancel => Until.Cancellation;
    private readonly FakeTimeProvider time = new();
    private ScriptedCamera? camera;
    private CameraWorker? worker;
    private InspectionQueue? queue;

    public async ValueTask DisposeAsync()
    {
        await worker!.DisposeAsync();
        Assert.Equal(0, worker.State.PendingTriggers);
        queue!.Dispose();
        if (camera is null) return;
        Assert.True(camera.Disposed);
        Assert.Equal(0, camera.Outstanding);
    }

    [Fact]
    public void Trigger_WaitingSource_GetsItsPicture()
    {
        Start(CameraMode.Trigger, live: false);
        worker!.Trigger(Request("t1"));
        camera!.Deliver("p1");
        using var frame = Taken("t1");
        Assert.Equal("p1", frame.SourceName);
    }

    [Fact]
    public void Trigger_LiveCamera_GetsThePictureExposedAfterIt()
    {
        Start(CameraMode.Trigger, live: true);
        camera!.Deliver("stale");
        SpinWait.SpinUntil(() => camera.Grabs == 2);
        time.Advance(TimeSpan.FromMilliseconds(10));
        worker!.Trigger(Request("t1"));
        time.Advance(TimeSpan.FromMilliseconds(10));
        camera.Deliver("exposed around the trigger");
        camera.Deliver("exposed after the trigger");
        using var frame = Taken("t1");
        Assert.Equal("exposed after the trigger", frame.SourceName);
    }

    [Fact]
    public void Trigger_SourceBreaks_EveryTriggerGetsOneFault()
    {
        Start(CameraMode.Trigger, live: false);
        worker!.Trigger(Request("t1"));
        worker.Trigger(Request("t2"));
        camera!.Break();
        foreach (var id in new[] { "t1", "t2", "late" })
        {
            if (id == "late") worker.Trigger(Request(id));
            var fault = Assert.IsType<CapturedFault>(queue!.Take(Cancel));
            Assert.Equal((id, Reasons.Camera), (fault.Trigger!.Id, fault.Reason));
            Assert.Contains("The cable was pulled.", fault.Detail, StringComparison.Ordinal);
        }

        Assert.Equal((CameraPhase.Reopening, 3), (worker.State.Phase, worker.State.Faults));
        Assert.Equal("The cable was pulled.", worker.State.LastError);
    }

    [Fact]
    public void Trigger_LiveCameraBreaks_GetsFault()
    {
        Start(CameraMode.Trigger, live: true);
        worker!.Trigger(Request("t1"));
        camera!.Break();
        Assert.IsType<CapturedFault>(queue!.Take(Cancel));
    }

    [Fact]
    public async Task Trigger_SourceEnded_FaultAtOnce()
    {
        Start(CameraMode.Trigger, live: false);
        worker!.Trigger(Request("t1"));
        camera!.End();
        await worker.Completion;
        worker.Trigger(Request("t2"));
        Assert.Contains("no more pictures", Assert.IsType<CapturedFault>(queue!.Take(Cancel)).Detail, StringComparison.Ordinal);
        Assert.Equal("t2", queue.Take(Cancel)!.Trigger!.Id);
        Assert.Equal(CameraPhase.Ended, worker.State.Phase);
    }

    [Fact]
    public async Task Stop_TriggersWait_GetFaults()
    {
        Start(CameraMode.Trigger, live: false);
        worker!.Trigger(Request("t1"));
        worker.Trigger(Request("t2"));
        await worker.StopAsync();
        Assert.Equal(["t1", "t2"], new[] { queue!.Take(Cancel)!.Trigger!.Id, queue.Take(Cancel)!.Trigger!.Id });
        Assert.Equal(CameraPhase.Stopped, worker.State.Phase);
    }

    [Fact]
    public void Start_SourceCannotBeOpened_FaultsSayWhy()
    {
        var options = new CameraOptions { Name = "c1", Source = "folder:/nowhere", Mode = CameraMode.Trigger };
        queue = new InspectionQueue([options], time);
        worker = new CameraWorker(options, queue, time, NullLogger.Instance);
        worker.Trigger(Request("t1"));
        worker.Start();
        Assert.Contains("/nowhere", Assert.IsType<CapturedFault>(queue.Take(Cancel)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void FreeRun_AtARate_TakesTheNextPictureOnlyWhenDue()
    {
        Start(CameraMode.Free, live: false, rate: 10);
        camera!.Deliver("p0");
        camera.Deliver("p1");
        using var first = Taken(null);
        Until.Holds(() => queue!.Count > 0, () => time.Advance(TimeSpan.FromMilliseconds(10)));
        using var second = Taken(null);
        Assert.True(time.GetElapsedTime(first.GrabTimestamp, second.GrabTimestamp) >= TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void FreeRun_SlowJudgement_DropsTheOldestAndCounts()
    {
        Start(CameraMode.Free, live: false);
        for (var i = 0; i < 10; i++) camera!.Deliver($"p{i}");
        Assert.True(SpinWait.SpinUntil(() => worker!.State.Dropped == 8, Until.Limit));
        using var one = Taken(null);
        using var two = Taken(null);
        Assert.Equal(("p8", "p9"), (one.SourceName, two.SourceName));
        Assert.Equal((10, 8, 8), (worker!.State.Grabbed, worker.State.Dropped, queue!.Dropped));
    }

    private void Start(CameraMode mode, bool live, double rate = 0)
    {
        var options = new CameraOptions { Name = "c1", Mode = mode, RatePerSecond = rate, QueueLength = 2 };
        camera = new ScriptedCamera(time, live);
        queue = new InspectionQueue([options], time);
        worker = new CameraWorker(options, queue, time, NullLogger.Instance, _ => camera);
        worker.Start();
    }

    private Frame Taken(string? trigger)
    {
        var captured = Assert.IsType<CapturedFrame>(queue!.Take(Cancel));
        Assert.Equal(trigger, captured.Trigger?.Id);
        return captured.Frame;
    }

    private TriggerRequest Request(string id) => new(id, "c1", null, "plate", time.GetTimestamp());
}
