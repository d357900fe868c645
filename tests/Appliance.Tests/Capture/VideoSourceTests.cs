using System.Net;
using System.Net.Sockets;
using Appliance.Capture;
using Appliance.Capture.Video;
using Microsoft.Extensions.Logging.Abstractions;
using OpenCvSharp;
using Testing.Files;

namespace Appliance.Tests.Capture;

public sealed class VideoSourceTests : IDisposable
{
    private static CancellationToken Cancel => Until.Cancellation;
    private readonly TemporaryDirectory folder = new();
    private readonly CameraOptions options = new()
    {
        Name = "c1", Mode = CameraMode.Trigger, OpenTimeout = TimeSpan.FromSeconds(5), ReadTimeout = TimeSpan.FromSeconds(1),
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.mp4", "-c:v mpeg4")]
    [InlineData("a.avi", "-c:v mjpeg")]
    public async Task Grab_VideoFile_GivesEveryPictureThenEnds(string name, string codec)
    {
        await FfmpegPeer.WriteAsync("-f lavfi -i testsrc=size=320x240:rate=10:duration=2 " + codec, folder[name]);
        using var source = (VideoSource)FrameSources.Open("file:" + folder[name], options, TimeProvider.System, cancellation: Cancel);
        Assert.False(source.IsLive);
        var count = 0;
        while (source.Grab(Cancel) is { } frame)
        {
            Assert.Equal((new Size(320, 240), MatType.CV_8UC3), (frame.Picture.Size(), frame.Picture.Type()));
            frame.Dispose();
            count++;
        }

        Assert.Equal((20, 0), (count, source.Outstanding));
    }

    [Fact]
    public async Task Grab_VideoFileLooped_StartsAgain()
    {
        await FfmpegPeer.WriteAsync("-f lavfi -i testsrc=size=320x240:rate=10:duration=1 -c:v mjpeg", folder["a.avi"]);
        using var source = FrameSources.Open($"file:{folder["a.avi"]}?loop=true", options, TimeProvider.System, cancellation: Cancel);
        for (var i = 0; i < 25; i++) source.Grab(Cancel)!.Dispose();
    }

    [Fact]
    public void Open_FileThatIsNoVideo_SaysSo()
    {
        File.WriteAllText(folder["a.mp4"], "no video");
        Assert.Contains("no video", Fails("file:" + folder["a.mp4"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_PeerRefuses_SaysSoWithoutCredentials()
    {
        var message = Fails($"http://user:secret@127.0.0.1:{FfmpegPeer.FreePort()}/stream?token=secret");
        Assert.Contains("refused", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("rtsp")]
    public void Open_PeerNeverAnswers_FailsNamingTheTimeOut(string scheme)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var url = $"{scheme}://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/stream";
        var hasty = options with { OpenTimeout = TimeSpan.FromMilliseconds(400) };
        var message = Assert.Throws<SourceException>(() => FrameSources.Open(url, hasty, TimeProvider.System, cancellation: Cancel)).Message;
        Assert.Contains("OpenTimeout (0.4 s)", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_HttpStream_TriggersGetPicturesUntilThePeerHangs()
    {
        var port = FfmpegPeer.FreePort();
        var url = $"http://127.0.0.1:{port}/line";
        using var peer = await FfmpegPeer.ServeHttpAsync(port, url);
        using var queue = new InspectionQueue([options], TimeProvider.System);
        StreamSource? source = null;
        await using var worker = new CameraWorker(options, queue, TimeProvider.System, NullLogger.Instance, cancellation => source = (StreamSource)FrameSources.Open(url, options, TimeProvider.System, cancellation: cancellation));
        worker.Start();
        for (var i = 0; i < 5; i++)
        {
            var request = Request($"t{i}");
            worker.Trigger(request);
            var captured = Assert.IsType<CapturedFrame>(queue.Take(Cancel));
            Assert.Equal(request, captured.Trigger);
            Assert.True(captured.Frame.GrabTimestamp > request.Timestamp);
            Assert.Equal(new Size(320, 240), captured.Frame.Picture.Size());
            captured.Frame.Dispose();
        }

        await peer.FreezeAsync();
        worker.Trigger(Request("last"));
        var fault = Assert.IsType<CapturedFault>(queue.Take(Cancel));
        Assert.Contains("ReadTimeout (1 s)", fault.Detail, StringComparison.Ordinal);
        Assert.Contains(url, fault.Detail, StringComparison.Ordinal);
        await worker.StopAsync();

        // The one that the next picture would have been compared with.
        Assert.Equal(1, source!.Outstanding);
    }

    [Fact]
    public async Task Grab_HttpStreamCut_SaysThePeerClosed()
    {
        var port = FfmpegPeer.FreePort();
        var url = $"http://127.0.0.1:{port}/line";
        using var peer = await FfmpegPeer.ServeHttpAsync(port, url);
        using var source = FrameSources.Open(url, options, TimeProvider.System, cancellation: Cancel);
        Assert.True(source.IsLive);
        source.Grab(Cancel)!.Dispose();
        peer.Kill();
        var error = Assert.Throws<SourceException>(() =>
        {
            while (source.Grab(Cancel) is { } frame) frame.Dispose();
        });
        Assert.Contains("peer closed", error.Message, StringComparison.Ordinal);
    }

    private string Fails(string url) => Assert.Throws<SourceException>(() => FrameSources.Open(url, options, TimeProvider.System, cancellation: Cancel)).Message;

    private static TriggerRequest Request(string id) => new(id, "c1", null, "plate", TimeProvider.System.GetTimestamp());
}
