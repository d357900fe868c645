using Appliance.Capture;
using OpenCvSharp;

namespace Appliance.Tests.Inspection;

public enum Paint
{
    Red,
    Green,
    Blue,
    White,
}

/// <summary>Frames of one colour.</summary>
internal static class Paints
{
    public static Frame Frame(Paint paint, Size? size = null, Action<Frame>? release = null)
    {
        var bgr = paint switch { Paint.Red => new Scalar(0, 0, 255), Paint.Green => new Scalar(0, 255, 0), Paint.Blue => new Scalar(255, 0, 0), _ => new Scalar(255, 255, 255) };
        return new Frame(new Mat(size ?? new Size(8, 6), MatType.CV_8UC3, bgr), release)
        {
            Camera = "c1", GrabTimestamp = TimeProvider.System.GetTimestamp(), GrabbedAt = DateTimeOffset.UnixEpoch,
        };
    }
}
