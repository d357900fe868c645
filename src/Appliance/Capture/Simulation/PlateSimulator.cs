using OpenCvSharp;

namespace Appliance.Capture.Simulation;

/// <summary>
/// Draws machined steel plates in a fixture, 640 x 480, under a lamp that drifts. Textures, frame, lamp and noise are made once;
/// a plate costs copies, one small defect, one warp and two passes for light and noise. One thread.
/// </summary>
internal sealed class PlateSimulator : IDisposable
{
    public const int WidthPx = 640;
    public const int HeightPx = 480;

    private readonly ulong seed;
    private readonly double goodShare;
    private readonly bool colour;
    private readonly Mat[] textures;
    private readonly PlateFixture fixture = new();
    private readonly PlateLight light;
    private readonly PlateDefects defects = new();
    private readonly Mat plate = new(HeightPx, WidthPx, MatType.CV_8UC1);
    private readonly Mat warped = new();
    private readonly Mat placement = new(2, 3, MatType.CV_64FC1);

    public PlateSimulator(ulong seed, double goodShare = PlateTruth.DefaultGoodShare, bool colour = false)
    {
        this.seed = seed;
        this.goodShare = goodShare;
        this.colour = colour;
        textures = PlateTextures.Make(seed);
        light = new PlateLight(seed);
    }

    /// <summary>Draws one picture of a plate.</summary>
    /// <param name="number">The plate: decides surface and defect.</param>
    /// <param name="picture">Running number of the picture: decides placement, light and noise.</param>
    /// <param name="destination">[480,640] grey or BGR; made when it is not.</param>
    public void Render(long number, long picture, Mat destination)
    {
        var part = PlateTruth.Random(seed, number, 1);
        var view = PlateTruth.Random(seed, picture, 2);
        Surface(ref part);
        defects.Draw(plate, PlateTruth.Of(seed, number, goodShare), ref part);
        fixture.Cover(plate);
        Place(ref view);
        light.Apply(warped, picture, ref view, colour ? plate : destination);
        if (colour) light.Tint(plate, destination);
    }

    public void Dispose()
    {
        foreach (var texture in textures) texture.Dispose();
        fixture.Dispose();
        light.Dispose();
        defects.Dispose();
        plate.Dispose();
        warped.Dispose();
        placement.Dispose();
    }

    private void Surface(ref SplitMix random)
    {
        var texture = textures[random.Below(textures.Length)];
        var window = new Rect(random.Below(texture.Cols - WidthPx), random.Below(texture.Rows - HeightPx), WidthPx, HeightPx);
        using var cut = new Mat(texture, window);
        var gain = random.Between(0.92, 1.08);
        cut.ConvertTo(plate, MatType.CV_8UC1, gain, random.Between(-6, 6));
    }

    private void Place(ref SplitMix random)
    {
        var angle = random.Normal() * 0.012;
        var scale = 1 + random.Normal() * 0.004;
        var (cos, sin) = (Math.Cos(angle) * scale, Math.Sin(angle) * scale);
        const double x = WidthPx / 2.0, y = HeightPx / 2.0;
        placement.Set(0, 0, cos);
        placement.Set(0, 1, -sin);
        placement.Set(0, 2, x - cos * x + sin * y + random.Normal() * 5);
        placement.Set(1, 0, sin);
        placement.Set(1, 1, cos);
        placement.Set(1, 2, y - sin * x - cos * y + random.Normal() * 4);
        Cv2.WarpAffine(plate, warped, placement, new Size(WidthPx, HeightPx), InterpolationFlags.Linear, BorderTypes.Replicate);
    }
}
