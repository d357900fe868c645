using System.Globalization;
using System.Runtime.InteropServices;
using OpenCvSharp;

namespace Appliance.Capture.Video;

/// <summary>The settings of a <c>v4l2:</c> camera. Values are the driver's own (see <c>v4l2-ctl --list-ctrls</c>); what it does not take is an error.</summary>
internal static partial class V4L2Controls
{
    public static readonly SourceKey[] Keys =
    [
        new("width", SourceKeyKind.Whole, 16, 16384),
        new("height", SourceKeyKind.Whole, 16, 16384),
        new("fps", SourceKeyKind.Number, 0.1, 1000),
        new("fourcc", SourceKeyKind.Text),
        new("exposure", SourceKeyKind.Number, 0, 1e6),
        new("gain", SourceKeyKind.Number, 0, 1e6),
        new("brightness", SourceKeyKind.Number, -1e6, 1e6),
        new("contrast", SourceKeyKind.Number, -1e6, 1e6),
        new("focus", SourceKeyKind.Number, 0, 1e6),
        new("whitebalance", SourceKeyKind.Number, 0, 1e6),
    ];

    private const double ManualExposure = 1;

    private static readonly Dictionary<string, VideoCaptureProperties> Properties = new(StringComparer.Ordinal)
    {
        ["width"] = VideoCaptureProperties.FrameWidth,
        ["height"] = VideoCaptureProperties.FrameHeight,
        ["fps"] = VideoCaptureProperties.Fps,
        ["exposure"] = VideoCaptureProperties.Exposure,
        ["gain"] = VideoCaptureProperties.Gain,
        ["brightness"] = VideoCaptureProperties.Brightness,
        ["contrast"] = VideoCaptureProperties.Contrast,
        ["focus"] = VideoCaptureProperties.Focus,
        ["whitebalance"] = VideoCaptureProperties.WBTemperature,
    };

    /// <summary>The time between two pictures that a camera's URL asks for; null where it does not, or is none of ours.</summary>
    public static TimeSpan? Interval(string source)
    {
        var url = SourceUrl.Parse(source);
        return url.Scheme == "v4l2" && double.TryParse(url.Text("fps"), CultureInfo.InvariantCulture, out var fps) && fps >= 0.01 ? TimeSpan.FromSeconds(1 / fps) : null;
    }

    /// <summary>Sets what the URL names, format first. A fixed exposure, focus or white balance turns its automatic off.</summary>
    /// <exception cref="SourceException">The camera refuses a value.</exception>
    public static void Apply(VideoCapture capture, SourceUrl url)
    {
        if (url.Text("fourcc") is { } code && !(code.Length == 4 && capture.Set(VideoCaptureProperties.FourCC, FourCC.FromString(code))))
            throw Refused(url, "fourcc", code);
        if (url.Keys.ContainsKey("exposure")) capture.Set(VideoCaptureProperties.AutoExposure, ManualExposure);
        if (url.Keys.ContainsKey("focus")) capture.Set(VideoCaptureProperties.AutoFocus, 0);
        if (url.Keys.ContainsKey("whitebalance")) capture.Set(VideoCaptureProperties.AutoWB, 0);
        foreach (var key in Keys)
            if (url.Text(key.Name) is { } text && Properties.TryGetValue(key.Name, out var property)
                && !capture.Set(property, double.Parse(text, CultureInfo.InvariantCulture)))
                throw Refused(url, key.Name, text);
    }

    /// <summary>OpenCV reads this time-out from the process environment, once, before the first camera is opened: it holds for all.</summary>
    public static void SetReadTimeout(TimeSpan timeout)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(timeout.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        _ = SetEnvironment("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", seconds, 1);
    }

    private static SourceException Refused(SourceUrl url, string key, string value) =>
        new($"Camera '{url.Target}' does not take {key}={value}; 'v4l2-ctl -d {url.Target} --list-ctrls --list-formats-ext' shows what it takes.");

    // .NET's own SetEnvironmentVariable does not reach native code.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
