using System.Numerics;
using System.Runtime.Intrinsics;
using Inference.Decisions;
using OpenCvSharp;

namespace Appliance.Capture.Supervision;

/// <summary>Whether a picture shows nothing: at most a thousandth of its values are brighter than a level. A lit picture is known by its first rows.</summary>
internal static class BlackPicture
{
    private const int ShareBright = 1000;

    /// <summary>A frame that is black becomes one with a defect.</summary>
    /// <param name="level">0..255 as <see cref="CameraOptions.BlackLevel"/>; 0 takes every picture.</param>
    public static bool Refuse(Frame frame, int level)
    {
        if (frame.Defect is not null || !Is(frame.Picture, level)) return false;
        frame.Refuse(Reasons.Black, $"The picture is black: less than 0.1 % of it is brighter than {level} of 255.");
        return true;
    }

    /// <param name="picture">[H,W,C] bytes, any number of channels.</param>
    public static unsafe bool Is(Mat picture, int level)
    {
        if (level == 0 || picture.Empty() || picture.Depth() != MatType.CV_8U) return false;
        var (rows, width, step) = (picture.Rows, picture.Cols * picture.Channels(), picture.Step());
        var bright = (long)rows * width / ShareBright;
        for (var row = 0; row < rows; row++)
        {
            bright -= CountAbove(new ReadOnlySpan<byte>(picture.DataPointer + row * step, width), (byte)level);
            if (bright < 0) return false;
        }

        return true;
    }

    private static int CountAbove(ReadOnlySpan<byte> values, byte level)
    {
        var (count, at) = (0, 0);
        var limit = Vector256.Create(level);
        for (; at <= values.Length - Vector256<byte>.Count; at += Vector256<byte>.Count)
            count += BitOperations.PopCount(Vector256.GreaterThan(Vector256.Create(values[at..]), limit).ExtractMostSignificantBits());
        for (; at < values.Length; at++)
            if (values[at] > level) count++;
        return count;
    }
}
