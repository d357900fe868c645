using OpenCvSharp;

namespace Appliance.Capture.Simulation;

/// <summary>Surfaces as tools leave them, larger than a plate so that each plate is another cut: face-milled, turned and ground.</summary>
internal static class PlateTextures
{
    private const int WidthPx = 900;
    private const int HeightPx = 700;

    /// <summary>Six surfaces, grey, mean about 125. The caller owns them.</summary>
    public static Mat[] Make(ulong seed)
    {
        var random = new SplitMix(seed ^ 0x7EC5_70FE_5EEDUL);
        return [Milled(ref random), Turned(ref random), Ground(ref random), Milled(ref random), Turned(ref random), Ground(ref random)];
    }

    // A face mill's teeth leave arcs of its radius; each pass of the cutter begins anew.
    private static Mat Milled(ref SplitMix random)
    {
        var feed = Profile(ref random, 4096, random.Between(5, 8), 9);
        var radius = random.Between(220, 320);
        var pass = radius * 1.4;
        var shift = random.Between(0, pass);
        return Draw(ref random, 3, (x, y) =>
        {
            var across = (y + shift) % pass - pass / 2;
            var along = x - Math.Sqrt(Math.Max(0, radius * radius - across * across));
            return At(feed, along + 1000) + (Math.Abs(across) > pass / 2 - 2 ? -9 : 0);
        });
    }

    // Rings of the tool's feed, and the bright fan that light makes on them.
    private static Mat Turned(ref SplitMix random)
    {
        var feed = Profile(ref random, 4096, random.Between(3, 5), 8);
        var (cx, cy) = (WidthPx / 2 + random.Between(-60, 60), HeightPx / 2 + random.Between(-60, 60));
        var fan = random.Between(0, Math.PI);
        return Draw(ref random, 2.5, (x, y) =>
        {
            var (dx, dy) = (x - cx, y - cy);
            var radius = Math.Sqrt(dx * dx + dy * dy);
            var shine = Math.Cos(2 * (Math.Atan2(dy, dx) - fan)) * Math.Min(1, radius / 60);
            return At(feed, radius * 2) + 10 * shine;
        });
    }

    // Fine lines of the wheel in one direction.
    private static Mat Ground(ref SplitMix random)
    {
        using var noise = Noise(ref random, 34);
        var surface = new Mat();
        Cv2.Blur(noise, surface, new Size(75, 1));
        Cv2.GaussianBlur(surface, surface, new Size(0, 0), 0.6);
        surface.ConvertTo(surface, MatType.CV_8UC1, 3.0, 125 - 3.0 * 128);
        return surface;
    }

    private static Mat Draw(ref SplitMix random, double roughness, Func<double, double, double> height)
    {
        var surface = new Mat(HeightPx, WidthPx, MatType.CV_8UC1);
        for (var y = 0; y < HeightPx; y++)
        {
            var row = surface.AsSpan<byte>().Slice(y * WidthPx, WidthPx);
            for (var x = 0; x < WidthPx; x++) row[x] = (byte)Math.Clamp(125 + height(x, y) + random.Normal() * roughness, 0, 255);
        }

        Cv2.GaussianBlur(surface, surface, new Size(0, 0), 0.7);
        return surface;
    }

    // Regular feed marks with a wandering amplitude, and irregular ones between them.
    private static double[] Profile(ref SplitMix random, int length, double pitch, double amplitude)
    {
        var values = new double[length];
        var (wander, fine) = (0.0, 0.0);
        for (var i = 0; i < length; i++)
        {
            wander = 0.98 * wander + 0.2 * random.Normal();
            fine = 0.5 * fine + random.Normal();
            values[i] = amplitude * (0.5 + 0.25 * wander) * Math.Sin(i * 2 * Math.PI / pitch / 2) + 2.2 * fine + 2 * wander;
        }

        return values;
    }

    private static double At(double[] profile, double place)
    {
        var floor = (int)Math.Floor(place);
        var part = place - floor;
        return profile[floor % profile.Length] * (1 - part) + profile[(floor + 1) % profile.Length] * part;
    }

    internal static Mat Noise(ref SplitMix random, double deviation)
    {
        var noise = new Mat(HeightPx, WidthPx, MatType.CV_8UC1);
        foreach (ref var value in noise.AsSpan<byte>()) value = (byte)Math.Clamp(128.5 + random.Normal() * deviation, 0, 255);
        return noise;
    }
}
