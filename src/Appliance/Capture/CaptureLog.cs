using Microsoft.Extensions.Logging;

namespace Appliance.Capture;

internal static partial class CaptureLog
{
    [LoggerMessage(1000, LogLevel.Information, "Camera {Camera} opened {Url}.")]
    public static partial void CameraOpened(this ILogger logger, string camera, string url);

    [LoggerMessage(1001, LogLevel.Information, "Camera {Camera} ended after {Grabbed} pictures: {Url} has no more.")]
    public static partial void CameraEnded(this ILogger logger, string camera, long grabbed, string url);

    [LoggerMessage(1002, LogLevel.Error,
        "Camera {Camera} is in its safe state, answering FAULT: {Reason} Restarts: at most {Limit} in {Window}. It is tried again now and then, and at once on resume.")]
    public static partial void CameraFailed(this ILogger logger, string camera, string reason, int limit, TimeSpan window);

    [LoggerMessage(1003, LogLevel.Warning, "Camera {Camera}: picture {Source} cannot be used: {Defect}")]
    public static partial void PictureDefect(this ILogger logger, string camera, string? source, string defect);

    [LoggerMessage(1005, LogLevel.Warning, "What was inspected cannot be written to {Path}: {Reason} After a restart these files are inspected again.")]
    public static partial void TakenNotWritten(this ILogger logger, string path, string reason);

    [LoggerMessage(1004, LogLevel.Warning, "Camera {Camera} does not deliver: {Reason} Its source is opened again in {Seconds:0.0} s.")]
    public static partial void CameraLost(this ILogger logger, string camera, string reason, double seconds);
}
