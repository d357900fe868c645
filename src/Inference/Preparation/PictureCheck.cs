using OpenCvSharp;

namespace Inference.Preparation;

/// <summary>What a picture must be before OpenCV touches it.</summary>
internal static class PictureCheck
{
    public static PreparationResult? Refuse(Mat picture, Region? region)
    {
        if (picture.IsDisposed || picture.Empty()) return PreparationResult.BadPicture("The picture is empty: the source gave no pixels.");
        if (picture.Dims != 2 || picture.Depth() != MatType.CV_8U || picture.Channels() is not (1 or 3))
            return PreparationResult.BadPicture($"The picture is {picture.Type()} with {picture.Dims} dimensions; 8-bit grey or BGR is needed.");
        return region is null ? null : Refuse(picture.Width, picture.Height, region);
    }

    private static PreparationResult? Refuse(int width, int height, Region region)
    {
        // Sums in 64 bits: a configured region may be anything.
        var inside = region.X >= 0 && region.Y >= 0 && region.WidthPx > 0 && region.HeightPx > 0
            && (long)region.X + region.WidthPx <= width && (long)region.Y + region.HeightPx <= height;
        if (inside) return null;
        return PreparationResult.WrongSize(
            $"The region {region.WidthPx}x{region.HeightPx} at ({region.X},{region.Y}) is not inside the picture of {width}x{height}: " +
            "set the region or the camera's size.");
    }
}
