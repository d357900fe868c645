using Inference.Evidence;
using OpenCvSharp;

namespace Appliance.Evidence;

/// <summary>
/// A picture with what speaks for its verdict laid over it. The picture in grey, so that colour means evidence alone; the colours of Plasma, none of which is grey and whose lightness grows evenly with
/// the value, so that they are read right by colour-blind people and in print; nothing where nothing speaks for the verdict; a ring around the strongest place.
/// </summary>
internal static class EvidenceOverlay
{
    /// <summary>Most of a pixel that colour takes, so that the part is still seen under it.</summary>
    private const float Opacity = 0.65f;

    /// <summary>Share of the peak from which on colour is laid, 0..1: below it is what every part has.</summary>
    private const float Floor = 0.15f;

    /// <summary>PNG of the whole picture.</summary>
    /// <param name="picture">[H,W,3] BGR or [H,W,1] grey, bytes; only read.</param>
    public static byte[] Draw(Mat picture, EvidenceMap map)
    {
        using var canvas = new Mat();
        if (picture.Channels() == 3)
        {
            using var grey = picture.CvtColor(ColorConversionCodes.BGR2GRAY);
            Cv2.CvtColor(grey, canvas, ColorConversionCodes.GRAY2BGR);
        }
        else
        {
            Cv2.CvtColor(picture, canvas, ColorConversionCodes.GRAY2BGR);
        }

        var region = new Rect(map.Region.X, map.Region.Y, map.Region.WidthPx, map.Region.HeightPx);
        using (var area = new Mat(canvas, region)) Blend(area, map.Grid);
        Mark(canvas, map);
        Cv2.ImEncode(".png", canvas, out var png);
        return png;
    }

    private static void Blend(Mat area, EvidenceGrid grid)
    {
        using var values = new Mat(grid.Height, grid.Width, MatType.CV_32FC1);
        var (x, y) = grid.Peak();
        var peak = MathF.Max(grid[x, y], float.Epsilon);
        for (var row = 0; row < grid.Height; row++)
            for (var column = 0; column < grid.Width; column++) values.Set(row, column, MathF.Max(0, grid[column, row]) / peak);
        using var smooth = new Mat();
        Cv2.Resize(values, smooth, area.Size(), 0, 0, InterpolationFlags.Cubic);
        using var bytes = new Mat();
        smooth.ConvertTo(bytes, MatType.CV_8U, 255);
        using var colours = new Mat();
        Cv2.ApplyColorMap(bytes, colours, ColormapTypes.Plasma);
        Mix(area, colours, smooth);
    }

    // area = area (1 - a) + colours a, with a from 0 at the floor to the opacity at the peak.
    private static void Mix(Mat area, Mat colours, Mat strength)
    {
        using var alpha = new Mat();
        strength.ConvertTo(alpha, MatType.CV_32FC1, Opacity / (1 - Floor), -Floor * Opacity / (1 - Floor));
        Cv2.Min(alpha, Scalar.All(Opacity), alpha);
        Cv2.Max(alpha, Scalar.All(0), alpha);
        using var rest = new Mat();
        Cv2.Subtract(Scalar.All(1), alpha, rest);
        Cv2.BlendLinear(colours, area, alpha, rest, area);
    }

    private static void Mark(Mat canvas, EvidenceMap map)
    {
        if (map.Grid.Peak() is var (column, row) && map.Grid[column, row] <= 0) return;
        var (x, y) = map.PeakPx;
        var thickness = Math.Max(1, Math.Min(canvas.Width, canvas.Height) / 300);
        var radius = (int)Math.Max(4, 0.9 * Math.Max((double)map.Region.WidthPx / map.Grid.Width, (double)map.Region.HeightPx / map.Grid.Height));
        Cv2.Circle(canvas, (int)x, (int)y, radius + thickness, Scalar.All(0), thickness, LineTypes.AntiAlias);
        Cv2.Circle(canvas, (int)x, (int)y, radius, Scalar.All(255), thickness, LineTypes.AntiAlias);
    }
}
