using System.Diagnostics;
using Appliance.Capture;
using Inference.Decisions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Tests.Capture;

/// <summary>A real stream that hangs, ends, freezes, goes black or comes back at another size, with the defaults. Says how soon it was found.</summary>
public sealed class StreamOutageTests : IAsyncDisposable
{
    private const string Lasting = "tpad=stop_mode=clone:stop_duration=600";
    private readonly CameraOptions options = new() { Name = "c1", Mode = CameraMode.Free };
    private readonly InspectionQueue queue;
    private readonly int port = FfmpegPeer.FreePort();
    private readonly string url;
    private readonly CameraWorker worker;
    private readonly CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
    private FfmpegPeer? peer;

    public StreamOutageTests()
    {
        url = $"http://127.0.0.1:{port}/line";
        options = options with { Source = url };
        queue = new InspectionQueue([options], TimeProvider.System);
        worker = new CameraWorker(options, queue, TimeProvider.System, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await worker.DisposeAsync();
        queue.Dispose();
        peer?.Dispose();
        limit.Dispose();
    }

    [Fact]
    public async Task FreeRun_PeerHangs_FaultThenPicturesOnceItIsBack()
    {
        await StartAsync(FfmpegPeer.Moving);
        await peer!.FreezeAsync();
        Found("hang", Stopwatch.GetTimestamp(), Reasons.Camera);
        Serve(FfmpegPeer.Moving);
        Picture();
    }

    [Fact]
    public async Task FreeRun_PeerEnds_FaultThenPicturesOnceItIsBack()
    {
        await StartAsync(FfmpegPeer.Moving);
        peer!.Kill();
        Found("end", Stopwatch.GetTimestamp(), Reasons.Camera);
        Serve(FfmpegPeer.Moving);
        Picture();
    }

    [Theory]
    [InlineData("frozen", $"{FfmpegPeer.Moving}:duration=3,{Lasting}", Reasons.Frozen)]
    [InlineData("black", $"{FfmpegPeer.Moving}:duration=3,tpad=stop_mode=add:color=black:stop_duration=600", Reasons.Black)]
    public async Task FreeRun_PictureStandsStillOrTurnsBlack_IsFaultAndMovingAgainIsNone(string name, string picture, string reason)
    {
        await StartAsync(picture);
        Found(name, null, reason);
        Serve(FfmpegPeer.Moving);
        Picture();
    }

    [Fact]
    public async Task FreeRun_PeerComesBackAtAnotherSize_StaysFaultUntilItIsBackAtItsOwn()
    {
        await StartAsync(FfmpegPeer.Moving);
        peer!.Kill();
        Found("end", Stopwatch.GetTimestamp(), Reasons.Camera);
        Serve("testsrc=size=160x120:rate=25");
        Assert.True(SpinWait.SpinUntil(() => worker.State.LastError!.Contains("160x120", StringComparison.Ordinal), TimeSpan.FromMinutes(2)));
        Assert.True(worker.State.InTrouble);
        Serve(FfmpegPeer.Moving);
        Picture();
    }

    private async Task StartAsync(string picture)
    {
        peer = await FfmpegPeer.ServeHttpAsync(port, url, picture);
        worker.Start();
        Picture();
    }

    private void Serve(string picture)
    {
        peer!.Dispose();
        peer = FfmpegPeer.ServeHttp(url, picture);
    }

    private void Picture()
    {
        while (true)
        {
            if (queue.Take(limit.Token) is not CapturedFrame captured) continue;
            captured.Frame.Dispose();
            if (captured.Frame.Defect is null) return;
        }
    }

    // Since the last good picture, where no other moment is given.
    private void Found(string what, long? since, string reason)
    {
        var good = Stopwatch.GetTimestamp();
        while (true)
        {
            var captured = queue.Take(limit.Token)!;
            if (captured is CapturedFrame { Frame: var frame })
            {
                frame.Dispose();
                if (frame.Defect is null) good = Stopwatch.GetTimestamp();
            }

            if (captured is not CapturedFault fault) continue;
            Assert.Equal((reason, null), (fault.Reason, fault.Trigger));
            TestContext.Current.TestOutputHelper!.WriteLine($"{what}: outage found after {Stopwatch.GetElapsedTime(since ?? good).TotalSeconds:0.00} s: {fault.Detail}");
            return;
        }
    }
}
