using Appliance.Capture.Simulation;
using OpenCvSharp;

namespace Appliance.Tests.Capture;

public sealed class PlateSimulatorTests
{
    [Fact]
    public void Render_SameSeedAndNumber_SamePixels()
    {
        using var one = new PlateSimulator(7);
        using var other = new PlateSimulator(7);
        using Mat a = new(), b = new(), elsewhere = new();
        other.Render(3, 3, elsewhere);
        one.Render(41, 41, a);
        other.Render(41, 41, b);
        Assert.Equal(MatType.CV_8UC1, a.Type());
        Assert.Equal(new Size(640, 480), a.Size());
        Assert.Equal(0, Cv2.Norm(a, b));
        Assert.NotEqual(0, Cv2.Norm(a, elsewhere));
    }

    [Fact]
    public void Render_DefectivePlate_DiffersFromTheSamePlateWithoutDefect()
    {
        using var line = new PlateSimulator(7, goodShare: 0);
        using var perfect = new PlateSimulator(7, goodShare: 1);
        using Mat bad = new(), good = new(), difference = new();
        for (var plate = 0; plate < 30; plate++)
        {
            line.Render(plate, plate, bad);
            perfect.Render(plate, plate, good);
            Cv2.Absdiff(bad, good, difference);
            Cv2.MinMaxLoc(difference, out double _, out var greatest);
            Assert.True(greatest > 8, $"Plate {plate}, {PlateTruth.Of(7, plate, 0)}, differs by {greatest} grey values at most.");
        }
    }

    [Fact]
    public void Render_Colour_GivesThreeChannels()
    {
        using var simulator = new PlateSimulator(1, colour: true);
        using var picture = new Mat();
        simulator.Render(0, 0, picture);
        Assert.Equal(MatType.CV_8UC3, picture.Type());
    }

    [Fact]
    public void TruthOf_ManyPlates_HasTheDocumentedProportions()
    {
        var counts = Enumerable.Range(0, 20_000).CountBy(plate => PlateTruth.Of(1, plate)).ToDictionary();
        Assert.InRange(counts["good"] / 20_000.0, 0.58, 0.62);
        Assert.InRange(counts["scratch"] / 20_000.0, 0.12, 0.15);
        Assert.InRange(counts["crack"] / 20_000.0, 0.055, 0.08);
        Assert.Equal(PlateTruth.Classes.Order(), counts.Keys.Order());
    }

    [Fact]
    public void TryPlateOf_PartId_RoundTrips()
    {
        Assert.Equal("plate-000123", PlateTruth.PartId(123));
        Assert.True(PlateTruth.TryPlateOf("plate-000123", out var plate));
        Assert.Equal(123, plate);
        Assert.False(PlateTruth.TryPlateOf("part-1", out _));
    }
}
