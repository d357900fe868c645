using Appliance.Capture;
using Inference.Decisions;
using OpenCvSharp;

namespace Appliance.Tests.Capture;

public sealed class InspectionQueueTests : IDisposable
{
    private static CancellationToken Cancel => Until.Cancellation;
    private readonly FramePool pool = new();
    private readonly List<TriggerRequest> requests = [];
    private readonly InspectionQueue queue;
    private int late;

    public InspectionQueueTests() => queue = new(
        [new CameraOptions { Name = "a", QueueLength = 2 }, new CameraOptions { Name = "b", QueueLength = 1 }], TimeProvider.System, () => late++);

    public void Dispose()
    {
        queue.Dispose();
        Assert.Equal(0, pool.Outstanding);
        pool.Dispose();
    }

    [Fact]
    public void Offer_FastCamera_PushesOutOnlyItsOwn()
    {
        Assert.Equal(0, Offer("b"));
        for (var i = 0; i < 10; i++) Offer("a");
        Assert.Equal(1, Offer("b"));
        Assert.Equal((3, 9), (queue.Count, queue.Dropped));
    }

    [Fact]
    public void Offer_Triggered_IsNeverDroppedByFreeRun()
    {
        Offer("a", "t1");
        for (var i = 0; i < 10; i++) Offer("a");
        using var first = Assert.IsType<CapturedFrame>(queue.Take(Cancel)).Frame;
        Assert.Equal("a", first.Camera);
        Assert.Equal(2, queue.Count);
    }

    [Fact]
    public void Take_TriggeredBehindFreeRun_ComesFirstAndInItsOwnOrder()
    {
        Offer("b");
        Offer("a", "t1");
        Offer("a");
        queue.Fault(new("b", requests[0], Reasons.Camera, "It is gone.", 0, DateTimeOffset.UnixEpoch));
        Offer("b", "t2");
        Assert.Equal(["a t1", "b t1", "b t2", "b ", "a "], Drain().Select(one => $"{one.Camera} {one.Trigger?.Id}"));
    }

    [Fact]
    public void Offer_WhileTriggersThatAreOverWait_LetsTheirPicturesGo()
    {
        for (var i = 0; i < 5; i++) Offer("a", $"t{i}", over: i != 2);
        Offer("b", "late", over: true);
        requests[2].Progress.IsOver = true;
        Offer("a", "t5");
        Assert.Equal((1, 6), (queue.Count, late));
        Assert.Equal(["t5"], Drain().Select(one => one.Trigger!.Id));
    }

    [Fact]
    public void Offer_AfterComplete_IsAFaultOfTheSameTrigger()
    {
        queue.Complete();
        Offer("a", "t1");
        Assert.Equal(("t1", Reasons.Interrupted), (Assert.Single(Drain()) is CapturedFault fault) ? (fault.Trigger!.Id, fault.Reason) : default);
    }

    [Fact]
    public void Take_AfterComplete_DrainsThenNull()
    {
        Offer("a");
        Offer("b", "t1");
        queue.Complete();
        Assert.Equal(1, Offer("a"));
        Assert.Equal(2, Drain().Count);
        Assert.Null(queue.Take(Cancel));
    }

    [Fact]
    public async Task Take_NothingWaits_BlocksUntilOfferOrCancellation()
    {
        var take = Task.Run(() => queue.Take(Cancel), Cancel);
        Offer("a");
        var frame = Assert.IsType<CapturedFrame>(await take).Frame;
        frame.Dispose();
        using var stop = new CancellationTokenSource();
        var second = Task.Run(() => queue.Take(stop.Token), Cancel);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    private List<Captured> Drain()
    {
        queue.Complete();
        var all = new List<Captured>();
        while (queue.Take(Cancel) is { } one)
        {
            (one as CapturedFrame)?.Frame.Dispose();
            all.Add(one);
        }

        return all;
    }

    private int Offer(string camera, string? trigger = null, bool over = false)
    {
        var picture = pool.Rent();
        picture.Create(4, 4, MatType.CV_8UC1);
        var frame = new Frame(picture, pool.Release()) { Camera = camera };
        if (trigger is null) return queue.Offer(new CapturedFrame(frame, null));
        requests.Add(new TriggerRequest(trigger, camera, null, "plate", 0) { Progress = { IsOver = over } });
        return queue.Offer(new CapturedFrame(frame, requests[^1]));
    }
}
