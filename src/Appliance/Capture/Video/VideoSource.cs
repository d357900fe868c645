using OpenCvSharp;

namespace Appliance.Capture.Video;

/// <summary>
/// What OpenCV's VideoCapture opens: a video file or a V4L2 camera. Grabbing blocks for the camera's read
/// time-out at most and cannot be cut short by cancellation.
/// </summary>
internal sealed class VideoSource : IFrameSource
{
    public static readonly SourceKey[] FileKeys = [new("loop", SourceKeyKind.Switch)];

    // CAP_PROP_OPEN_TIMEOUT_MSEC and CAP_PROP_READ_TIMEOUT_MSEC, which OpenCvSharp does not name. FFmpeg takes them only as parameters of opening.
    private const int OpenTimeoutMsec = 53;
    private const int ReadTimeoutMsec = 54;

    private readonly VideoCapture capture;
    private readonly CameraOptions options;
    private readonly TimeProvider time;
    private readonly bool loop;
    private readonly FramePool pool = new();

    private VideoSource(VideoCapture capture, SourceUrl url, CameraOptions options, TimeProvider time)
    {
        this.capture = capture;
        this.options = options;
        this.time = time;
        Url = url.Shown;
        IsLive = url.Scheme != "file";
        loop = url.Switch("loop");
    }

    public string Url { get; }

    public bool IsLive { get; }

    public bool IsOnce => !IsLive && !loop;

    /// <summary>Frames not yet given back.</summary>
    public int Outstanding => pool.Outstanding;

    /// <exception cref="SourceException">It does not open in time, is no video, or the camera refuses a setting.</exception>
    public static VideoSource Open(SourceUrl url, CameraOptions options, TimeProvider time)
    {
        var camera = url.Scheme == "v4l2";
        if (camera) V4L2Controls.SetReadTimeout(options.ReadTimeout);
        var capture = camera ? new VideoCapture(url.Target, VideoCaptureAPIs.V4L2) : new VideoCapture(url.Target, VideoCaptureAPIs.FFMPEG, TimeOuts(options));
        try
        {
            if (!capture.IsOpened()) throw NotOpened(url);
            if (camera)
            {
                V4L2Controls.Apply(capture, url);
                capture.Set(VideoCaptureProperties.BufferSize, 1);
            }

            return new VideoSource(capture, url, options, time);
        }
        catch
        {
            capture.Dispose();
            throw;
        }
    }

    public Frame? Grab(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var started = time.GetTimestamp();
        var picture = pool.Rent();
        try
        {
            if (!Read(picture))
            {
                pool.Return(picture);
                return IsLive ? throw Broken(time.GetElapsedTime(started)) : null;
            }
        }
        catch (OpenCVException exception)
        {
            pool.Return(picture);
            throw new SourceException($"Source '{Url}' failed while reading: {exception.Message}", exception);
        }

        return new Frame(picture, pool.Release()) { Camera = options.Name, GrabTimestamp = time.GetTimestamp(), GrabbedAt = time.GetUtcNow() };
    }

    public void Dispose()
    {
        capture.Dispose();
        pool.Dispose();
    }

    private static int[] TimeOuts(CameraOptions options) =>
    [
        OpenTimeoutMsec, (int)options.OpenTimeout.TotalMilliseconds,
        ReadTimeoutMsec, (int)options.ReadTimeout.TotalMilliseconds,
    ];

    private static SourceException NotOpened(SourceUrl url) => new(url.Scheme == "file"
        ? $"Source '{url.Shown}' cannot be opened: it is no video that can be decoded."
        : $"Source '{url.Shown}' cannot be opened: it is no camera, is in use, or may not be read by this user (group 'video').");

    private bool Read(Mat picture)
    {
        if (capture.Read(picture) && !picture.Empty()) return true;
        return loop && capture.Set(VideoCaptureProperties.PosFrames, 0) && capture.Read(picture) && !picture.Empty();
    }

    private SourceException Broken(TimeSpan waited) => waited >= options.ReadTimeout * 0.95
        ? new($"Source '{Url}' gave no picture within {nameof(CameraOptions.ReadTimeout)} ({options.ReadTimeout.TotalSeconds:0.###} s).")
        : new($"Source '{Url}' has ended: the camera was unplugged or its driver stopped.");
}
