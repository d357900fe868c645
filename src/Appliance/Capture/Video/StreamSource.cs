using OpenCvSharp;

namespace Appliance.Capture.Video;

/// <summary>
/// An RTSP or HTTP stream, read by an ffmpeg process: the OpenCV build of OpenCvSharp has FFmpeg without network. Both time-outs end
/// the process, as does cancellation, so that no grab outlasts them.
/// </summary>
internal sealed class StreamSource : IFrameSource
{
    private readonly FfmpegPipe pipe;
    private readonly SourceUrl url;
    private readonly CameraOptions options;
    private readonly TimeProvider time;
    private readonly FramePool pool = new();
    private readonly Mat rgb = new();
    private Frame? first;

    private StreamSource(FfmpegPipe pipe, SourceUrl url, CameraOptions options, TimeProvider time)
    {
        this.pipe = pipe;
        this.url = url;
        this.options = options;
        this.time = time;
    }

    public string Url => url.Shown;

    public bool IsLive => true;

    /// <summary>Frames not yet given back.</summary>
    public int Outstanding => pool.Outstanding;

    /// <summary>Returns when the first picture is there.</summary>
    /// <exception cref="SourceException">No picture in time, the peer refuses, or there is no ffmpeg.</exception>
    public static StreamSource Open(SourceUrl url, CameraOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var source = new StreamSource(FfmpegPipe.Start(url), url, options, time);
        try
        {
            source.first = source.Next(options.OpenTimeout, ended =>
                $"cannot be opened: {(ended ? source.pipe.Complaint("the peer sends no video.") : $"no picture within {nameof(options.OpenTimeout)} ({options.OpenTimeout.TotalSeconds:0.###} s).")}", cancellation);
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    public Frame? Grab(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref first, null) is { } opened) return opened;
        return Next(options.ReadTimeout, ended => ended
            ? $"has ended: the peer closed the stream. {pipe.Complaint("")}".TrimEnd()
            : $"gave no picture within {nameof(options.ReadTimeout)} ({options.ReadTimeout.TotalSeconds:0.###} s).", cancellation);
    }

    public void Dispose()
    {
        pipe.Dispose();
        first?.Dispose();
        rgb.Dispose();
        pool.Dispose();
    }

    private Frame Next(TimeSpan timeout, Func<bool, string> failure, CancellationToken cancellation)
    {
        bool read, timedOut;
        using (var limit = pipe.EndAfter(timeout, cancellation))
        {
            read = pipe.TryRead(rgb);
            timedOut = limit.Passed;
        }

        cancellation.ThrowIfCancellationRequested();
        if (!read) throw new SourceException($"Source '{Url}' {failure(!timedOut)}");
        var picture = pool.Rent();
        Cv2.CvtColor(rgb, picture, ColorConversionCodes.RGB2BGR);
        return new Frame(picture, pool.Release()) { Camera = options.Name, GrabTimestamp = time.GetTimestamp(), GrabbedAt = time.GetUtcNow() };
    }
}
