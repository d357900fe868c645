using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Appliance.Tests.Capture;

/// <summary>A real ffmpeg. A missing one skips the test, and fails it where CI is true.</summary>
internal sealed class FfmpegPeer : IDisposable
{
    private readonly Process process;

    private FfmpegPeer(string arguments) =>
        process = Process.Start(new ProcessStartInfo("ffmpeg", "-nostdin -hide_banner -loglevel error -y " + arguments) { RedirectStandardError = true })!;

    /// <summary>Writes a video and returns.</summary>
    public static async Task WriteAsync(string arguments, string path)
    {
        Require();
        using var peer = new FfmpegPeer($"{arguments} {path}");
        var errors = peer.process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.True(await peer.process.EndsAsync() == 0, await errors.WaitAsync(Until.Limit));
    }

    public const string Moving = "testsrc=size=320x240:rate=25";

    /// <summary>Serves a test picture, given as a filter, by HTTP (motion JPEG) to one client, at the speed of a camera.</summary>
    public static async Task<FfmpegPeer> ServeHttpAsync(int port, string url, string picture = Moving)
    {
        var peer = ServeHttp(url, picture);
        await Until.HoldsAsync(() => Listens(port) || peer.process.HasExited);
        Assert.False(peer.process.HasExited, "ffmpeg ended before it listened.");
        return peer;
    }

    /// <summary>The same without waiting until it listens: a client that tries again and again may have used it up by then.</summary>
    public static FfmpegPeer ServeHttp(string url, string picture = Moving)
    {
        Require();
        return new FfmpegPeer(
            $"-re -f lavfi -i {picture} -c:v mjpeg -f mpjpeg -boundary_tag ffmpeg " +
            $"-content_type multipart/x-mixed-replace;boundary=ffmpeg -listen 1 {url}");
    }

    // From the kernel's table: a probe of the port would use up the one client that ffmpeg serves.
    private static bool Listens(int port) =>
        IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(endpoint => endpoint.Port == port);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The peer hangs, its connection stays open.</summary>
    public async Task FreezeAsync()
    {
        using var signal = Process.Start("kill", ["-STOP", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await signal.EndsAsync();
    }

    public void Kill() => process.Kill();

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Ends();
        process.Dispose();
    }

    private static void Require()
    {
        var there = Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "ffmpeg")));
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.True(there, "ffmpeg is missing: apt-get install ffmpeg");
        Assert.SkipUnless(there, "ffmpeg is missing: apt-get install ffmpeg");
    }
}
