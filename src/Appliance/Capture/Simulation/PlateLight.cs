using OpenCvSharp;

namespace Appliance.Capture.Simulation;

/// <summary>A lamp from one side whose brightness and side drift over some hundred pictures, and the sensor's noise.</summary>
internal sealed class PlateLight : IDisposable
{
    private const double DriftPictures = 900;

    private readonly Mat left = Field(-0.6, -0.8);
    private readonly Mat right = Field(0.9, -0.3);
    private readonly Mat field = new();
    private readonly Mat lit = new();
    private readonly Mat noise;
    private readonly Mat tint = new(1, 256, MatType.CV_8UC3);
    private readonly Mat three = new();
    private readonly double phase;

    public PlateLight(ulong seed)
    {
        var random = new SplitMix(seed ^ 0x11687UL);
        phase = random.Unit() * 2 * Math.PI;
        noise = PlateTextures.Noise(ref random, 3.2);
        for (var i = 0; i < 256; i++) tint.Set(0, i, new Vec3b((byte)Math.Min(255, i * 1.03), (byte)i, (byte)(i * 0.96)));
    }

    public void Apply(Mat plate, long picture, ref SplitMix random, Mat destination)
    {
        var drift = picture * 2 * Math.PI / DriftPictures + phase;
        var side = 0.5 + 0.45 * Math.Sin(drift);
        var gain = 1 + 0.07 * Math.Sin(drift * 1.7) + 0.015 * random.Normal();
        Cv2.AddWeighted(left, side, right, 1 - side, 0, field);
        Cv2.Multiply(plate, field, lit, gain / 128);
        var window = new Rect(random.Below(noise.Cols - plate.Cols), random.Below(noise.Rows - plate.Rows), plate.Cols, plate.Rows);
        using var grain = new Mat(noise, window);
        Cv2.AddWeighted(lit, 1, grain, 1, -128, destination);
    }

    /// <summary>Grey to BGR with the slight blue of steel.</summary>
    public void Tint(Mat grey, Mat destination)
    {
        Cv2.CvtColor(grey, three, ColorConversionCodes.GRAY2BGR);
        Cv2.LUT(three, tint, destination);
    }

    public void Dispose()
    {
        foreach (var mat in new[] { left, right, field, lit, noise, tint, three }) mat.Dispose();
    }

    // 128 is neutral; brighter towards the lamp, with a soft hot spot.
    private static Mat Field(double towardsX, double towardsY)
    {
        const int width = PlateSimulator.WidthPx, height = PlateSimulator.HeightPx;
        var mat = new Mat(height, width, MatType.CV_8UC1);
        var values = mat.AsSpan<byte>();
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var (u, v) = (x / (double)width * 2 - 1, y / (double)height * 2 - 1);
                var (du, dv) = (u - towardsX * 0.6, v - towardsY * 0.6);
                values[y * width + x] = (byte)(128 * (0.9 + 0.12 * (u * towardsX + v * towardsY) + 0.2 * Math.Exp(-(du * du + dv * dv))));
            }

        return mat;
    }
}
