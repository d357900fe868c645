using OpenCvSharp;

namespace Appliance.Capture.Simulation;

/// <summary>What every picture shows besides the surface: dark fixture, chamfered edge, two bores.</summary>
internal sealed class PlateFixture : IDisposable
{
    /// <summary>The plate's face before it is placed.</summary>
    public static readonly Rect Face = new(44, 36, 552, 408);

    /// <summary>Radius of a bore with its chamfer.</summary>
    public const int BoreRadiusPx = 20;

    /// <summary>Centres of the bores.</summary>
    public static readonly Point[] Bores = [new(100, 240), new(540, 240)];

    private readonly Mat picture = new(PlateSimulator.HeightPx, PlateSimulator.WidthPx, MatType.CV_8UC1, new Scalar(34));
    private readonly Mat covers = new(PlateSimulator.HeightPx, PlateSimulator.WidthPx, MatType.CV_8UC1, new Scalar(255));

    public PlateFixture()
    {
        Rounded(picture, Face, 14, new Scalar(78));
        var lit = Face;
        Cv2.Line(picture, new Point(lit.Left + 12, lit.Top + 1), new Point(lit.Right - 12, lit.Top + 1), new Scalar(190), 3, LineTypes.AntiAlias);
        Cv2.Line(picture, new Point(lit.Left + 1, lit.Top + 12), new Point(lit.Left + 1, lit.Bottom - 12), new Scalar(168), 3, LineTypes.AntiAlias);
        var inner = new Rect(Face.X + 4, Face.Y + 4, Face.Width - 8, Face.Height - 8);
        Rounded(covers, inner, 11, new Scalar(0));
        foreach (var bore in Bores)
        {
            Cv2.Circle(covers, bore, BoreRadiusPx, new Scalar(255), -1);
            Cv2.Circle(picture, bore, BoreRadiusPx, new Scalar(96), -1, LineTypes.AntiAlias);
            Cv2.Ellipse(picture, bore, new Size(BoreRadiusPx - 2, BoreRadiusPx - 2), 0, 20, 160, new Scalar(196), 3, LineTypes.AntiAlias);
            Cv2.Circle(picture, bore, BoreRadiusPx - 5, new Scalar(18), -1, LineTypes.AntiAlias);
        }

        Cv2.GaussianBlur(picture, picture, new Size(0, 0), 0.8);
    }

    /// <summary>Lays the fixture over a surface.</summary>
    public void Cover(Mat plate) => picture.CopyTo(plate, covers);

    public void Dispose()
    {
        picture.Dispose();
        covers.Dispose();
    }

    private static void Rounded(Mat mat, Rect box, int radius, Scalar value)
    {
        Cv2.Rectangle(mat, new Rect(box.X + radius, box.Y, box.Width - 2 * radius, box.Height), value, -1);
        Cv2.Rectangle(mat, new Rect(box.X, box.Y + radius, box.Width, box.Height - 2 * radius), value, -1);
        foreach (var x in new[] { box.Left + radius, box.Right - radius - 1 })
            foreach (var y in new[] { box.Top + radius, box.Bottom - radius - 1 })
                Cv2.Circle(mat, new Point(x, y), radius, value, -1);
    }
}
