using System.Collections.Concurrent;
using Appliance.Capture;
using Inference.Decisions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Tests.Capture;

/// <summary>Sources that end, hang, freeze, go black or change size, on a clock of the test's.</summary>
public sealed class CameraOutageTests : IAsyncDisposable
{
    private static CancellationToken Cancel => Testing.Waiting.Until.Cancellation;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private readonly FakeTimeProvider time = new();
    private readonly ConcurrentQueue<ScriptedCamera> opened = new();
    private CameraOptions options = new() { Name = "c1", Mode = CameraMode.Trigger };
    private CameraWorker? worker;
    private InspectionQueue? queue;
    private volatile bool refuses;

    public async ValueTask DisposeAsync()
    {
        await worker!.DisposeAsync();
        Assert.Equal((0, 0), (worker.State.PendingTriggers, worker.State.Hanging));
        queue!.Dispose();
        Assert.All(opened, camera => Assert.Equal((true, 0), (camera.Disposed, camera.Outstanding)));
    }

    [Fact]
    public void Trigger_AfterTheSourceCameBack_GetsAPicture()
    {
        var first = Start();
        first.Break();
        Until(CameraPhase.Reopening);
        var second = Reopened();
        second.Deliver("first of the second");
        Until(CameraPhase.Running);
        worker!.Trigger(Request("t1"));
        second.Deliver("p1");
        using var frame = Picture("t1");
        Assert.Equal(("p1", 1, "The cable was pulled."), (frame.SourceName, worker.State.Restarts, worker.State.LastError));
    }

    [Fact]
    public async Task Stop_DriverCallNeverComesBack_DoesNotWaitForIt()
    {
        var camera = Start();
        worker!.Trigger(Request("t1"));
        camera.Block();
        Pass(() => queue!.Count > 0);
        var fault = Fault("t1", Reasons.Camera);
        Assert.Contains("has not come back", fault.Detail, StringComparison.Ordinal);
        worker.Trigger(Request("t2"));
        Fault("t2", Reasons.Camera);
        Until(() => worker.State.Hanging == 1);
        await worker.StopAsync();
        Assert.Equal((CameraPhase.Stopped, 1, false), (worker.State.Phase, worker.State.Hanging, camera.Disposed));
        camera.Unblock();
        Until(() => worker.State.Hanging == 0);
    }

    [Fact]
    public void Open_NeverComesBack_TriggersThatWaitedGetFaults()
    {
        using var never = new ManualResetEventSlim();
        Begin(() =>
        {
            never.Wait(CancellationToken.None);
            return Camera();
        });
        worker!.Trigger(Request("t1"));
        Assert.Equal((CameraPhase.Opening, 1), (worker.State.Phase, worker.State.PendingTriggers));
        Pass(() => queue!.Count > 0);
        Fault("t1", Reasons.Camera);
        never.Set();
        Until(() => worker.State.Hanging == 0);
    }

    [Fact]
    public void Trigger_CameraThatRepeats_IsNeverGivenTheRepeat()
    {
        var camera = Start();
        camera.Deliver("p1", 7);
        TriggerAfter(camera, 2, "t1");
        for (var i = 0; i < 3; i++) camera.Deliver("p1 again", 7);
        camera.Deliver("p2");
        using var frame = Picture("t1");
        Assert.Equal(("p2", 3), (frame.SourceName, worker!.State.Repeated));
    }

    [Fact]
    public void Trigger_FrozenCamera_IsFaultAndSoAfterItsReopening()
    {
        var first = Start();
        first.Deliver("p1", 7);
        TriggerAfter(first, 2, "t1");
        Pass(() => queue!.Count > 0, () => first.Deliver("p1 again", 7));
        Fault("t1", Reasons.Frozen);
        var second = Reopened();
        second.Deliver("p1 from the second", 7);
        Until(() => second.Grabs == 2);
        worker!.Trigger(Request("t2"));
        Fault("t2", Reasons.Frozen);
        second.Deliver("p2");
        Until(CameraPhase.Running);
    }

    [Fact]
    public void Trigger_BlackPicture_IsNotJudgedAndManyAreAnOutage()
    {
        var camera = Start();
        worker!.Trigger(Request("t1"));
        camera.DeliverBlack("black");
        using (var frame = Picture("t1")) Assert.Equal(Reasons.Black, frame.DefectReason);
        Pass(() => worker.State.Phase == CameraPhase.Reopening, () => camera.DeliverBlack("black"));
        worker.Trigger(Request("t2"));
        Fault("t2", Reasons.Black);
    }

    [Fact]
    public void FreeRun_BlackPictureOfAFolder_IsAFrameWithADefect()
    {
        options = options with { Mode = CameraMode.Free };
        Begin(() => Camera(live: false));
        Opened().DeliverBlack("black");
        using var frame = Picture(null);
        Assert.Equal(Reasons.Black, frame.DefectReason);
    }

    [Fact]
    public void Trigger_PicturesOfAnotherSize_AreRefusedUntilSomebodyResumes()
    {
        var first = Start();
        TriggerAfter(first, 1, "t1");
        first.Deliver("large", 1, size: 8);
        Fault("t1", Reasons.WrongSize);
        var second = Reopened();
        second.Deliver("large", 1, size: 8);
        Until(() => second.Disposed);
        worker!.Retry();
        Until(() => opened.Count == 3);
        opened.Last().Deliver("large", 1, size: 8);
        Until(CameraPhase.Running);
    }

    [Fact]
    public void FreeRun_SourceThatStaysAway_SaysSoOnceAndEndsInTheSafeStateThatIsLeftByItself()
    {
        options = options with { Mode = CameraMode.Free, RestartLimit = 3 };
        var first = Start();
        refuses = true;
        first.Break();
        Pass(() => worker!.State.Phase == CameraPhase.Failed);
        Assert.Equal(3, worker!.State.Restarts);
        Fault(null, Reasons.Camera);
        Assert.Equal(0, queue!.Count);
        refuses = false;
        Reopened().Deliver("p1");
        Until(CameraPhase.Running);
        using var frame = Picture(null);
        opened.Last().Break();
        Fault(null, Reasons.Camera);
    }

    [Fact]
    public void FreeRun_FailsWhileTheLineIsPaused_SaysSoOnlyOnceTheLineGoesOn()
    {
        options = options with { Mode = CameraMode.Free };
        var first = Start();
        worker!.Pause(true);
        refuses = true;
        first.Break();
        Until(CameraPhase.Reopening);
        Pass(() => worker.State.Restarts == 2);
        Assert.Equal(0, queue!.Count);
        worker.Pause(false);
        Fault(null, Reasons.Camera);
        Pass(() => worker.State.Restarts == 3);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void FreeRun_FailsAndComesBackWhileTheLineIsPaused_SaysNothing()
    {
        options = options with { Mode = CameraMode.Free };
        var first = Start();
        worker!.Pause(true);
        first.Break();
        Until(CameraPhase.Reopening);
        var second = Reopened();
        second.Deliver("p2");
        Until(CameraPhase.Running);
        worker.Pause(false);
        Picture(null).Dispose();
        Assert.Equal(0, queue!.Count);
    }

    [Fact]
    public void Retry_AsManyOpeningsHangAsMay_OpensNoMoreUntilOneComesBack()
    {
        using var back = new ManualResetEventSlim();
        var begun = 0;
        options = options with { RestartLimit = 1000 };
        Begin(() =>
        {
            Interlocked.Increment(ref begun);
            back.Wait(CancellationToken.None);
            return Camera();
        });
        Pass(() => worker!.State is { Hanging: 8, Phase: CameraPhase.Failed });
        worker!.Retry();
        for (var i = 0; i < 100; i++) Pass(() => true);
        Assert.Equal((8, 8), (worker.State.Hanging, Volatile.Read(ref begun)));
        back.Set();
        Pass(() => worker.State.Hanging == 0 && begun > 8);
    }

    [Fact]
    public void Trigger_CameraWithLatency_GetsThePictureThatWasExposedAfterIt()
    {
        options = options with { Latency = TimeSpan.FromMilliseconds(250) };
        var camera = Start();
        TriggerAfter(camera, 1, "t1");
        // When the worker takes the trigger in hand is up to its thread; a picture of before 250 ms after it is never the answer.
        for (var picture = 1; queue!.Count == 0; picture++)
        {
            camera.Deliver($"{picture}");
            Until(() => camera.Grabs == picture + 2);
            time.Advance(Step);
        }

        using var frame = Picture("t1");
        Assert.True(int.Parse(frame.SourceName!, System.Globalization.CultureInfo.InvariantCulture) >= 3, frame.SourceName);
    }

    [Fact]
    public void Trigger_FolderThatFailsHalfway_IsNotPlayedAgain()
    {
        Begin(() => Camera(live: false, once: true));
        worker!.Trigger(Request("t1"));
        Opened().Deliver("p1");
        Picture("t1").Dispose();
        worker.Trigger(Request("t2"));
        opened.Single().Break();
        Fault("t2", Reasons.Camera);
        Assert.Equal(CameraPhase.Failed, worker.State.Phase);
        time.Advance(TimeSpan.FromHours(1));
        worker.Trigger(Request("t3"));
        Fault("t3", Reasons.Camera);
        Assert.Single(opened);
    }

    // A live camera that has delivered once.
    private ScriptedCamera Start()
    {
        Begin(() => refuses ? throw new SourceException("The camera is gone.") : Camera());
        var camera = Opened();
        camera.Deliver("first");
        Until(CameraPhase.Running);
        if (options.Mode == CameraMode.Free) Picture(null).Dispose();
        return camera;
    }

    private void Begin(Func<IFrameSource> open)
    {
        queue = new InspectionQueue([options], time);
        worker = new CameraWorker(options, queue, time, NullLogger.Instance, _ => open());
        worker.Start();
    }

    private ScriptedCamera Camera(bool live = true, bool once = false)
    {
        var camera = new ScriptedCamera(time, live, once);
        opened.Enqueue(camera);
        return camera;
    }

    private ScriptedCamera Opened()
    {
        Until(() => !opened.IsEmpty);
        return opened.Single();
    }

    private ScriptedCamera Reopened()
    {
        var before = opened.Count;
        Pass(() => opened.Count > before);
        return opened.Last();
    }

    // The camera has delivered so many, and is asked for the next.
    private void TriggerAfter(ScriptedCamera camera, int pictures, string id)
    {
        Until(() => camera.Grabs == pictures + 1);
        time.Advance(Step);
        worker!.Trigger(Request(id));
        time.Advance(Step);
    }

    // Time goes on until the condition holds.
    private void Pass(Func<bool> condition, Action? each = null) => Testing.Waiting.Until.Holds(condition, () =>
    {
        each?.Invoke();
        time.Advance(Step);
    });

    private void Until(CameraPhase phase) => Until(() => worker!.State.Phase == phase);

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromMinutes(1)));

    private Frame Picture(string? trigger)
    {
        var captured = Assert.IsType<CapturedFrame>(queue!.Take(Cancel));
        Assert.Equal(trigger, captured.Trigger?.Id);
        return captured.Frame;
    }

    private CapturedFault Fault(string? trigger, string reason)
    {
        var fault = Assert.IsType<CapturedFault>(queue!.Take(Cancel));
        Assert.Equal((trigger, reason), (fault.Trigger?.Id, fault.Reason));
        return fault;
    }

    private TriggerRequest Request(string id) => new(id, "c1", null, "plate", time.GetTimestamp());
}
