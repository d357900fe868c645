using System.Globalization;
using Appliance.Capture;

namespace Appliance.Diagnosis;

/// <summary>Opens a camera's source and takes one picture, while no service uses it.</summary>
internal static class CameraCheck
{
    public static async Task<Finding> TryAsync(CameraOptions camera, CancellationToken cancellation)
    {
        var (about, url) = ($"camera {camera.Name}", SourceUrl.Parse(camera.Source).Shown);
        var limit = camera.OpenTimeout + camera.ReadTimeout;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(limit);
        // A driver may hang in its call: then its thread is left behind, and the process ends without it.
        var look = Task.Factory.StartNew(() => Look(about, url, camera, late.Token), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await look.WaitAsync(limit + camera.ReadTimeout, cancellation);
        }
        catch (Exception e) when (e is TimeoutException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return Finding.Failed(about, string.Create(CultureInfo.InvariantCulture, $"{url} gave no picture within {limit.TotalSeconds:0.#} s"), Advice);
        }
    }

    private const string Advice = "Check cable, power and address of the camera, and that no other program has it.";

    private static Finding Look(string about, string url, CameraOptions camera, CancellationToken cancellation)
    {
        try
        {
            using var source = FrameSources.Open(camera.Source, camera, TimeProvider.System, cancellation: cancellation);
            if (source.IsOnce || !source.IsReady()) return Finding.Ok(about, source.IsReady() ? $"{url} can be opened and has pictures" : $"{url} can be opened and waits for pictures");
            using var frame = source.Grab(cancellation);
            if (frame is null) return Finding.Warning(about, $"{url} has no pictures", "Put some there, or name another source.");
            return frame.Defect is { } defect
                ? Finding.Failed(about, $"{url} gives a picture that cannot be used: {defect}", Advice)
                : Finding.Ok(about, string.Create(CultureInfo.InvariantCulture, $"{url} gives pictures of {frame.Picture.Width} x {frame.Picture.Height} pixels"));
        }
        catch (SourceException e)
        {
            return Finding.Failed(about, e.Message, Advice);
        }
    }
}
