using Appliance.Evidence;
using Inference.Evidence;
using OpenCvSharp;

namespace Appliance.Tests.Evidence;

public sealed class EvidenceOverlayTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Draw_APicture_IsGreyButWhereEvidenceLies(bool grey)
    {
        using var picture = new Mat(90, 120, grey ? MatType.CV_8UC1 : MatType.CV_8UC3, grey ? Scalar.All(100) : new Scalar(30, 90, 200));
        using var drawn = Cv2.ImDecode(EvidenceOverlay.Draw(picture, Spot(new(0, 0, 120, 90))), ImreadModes.Color);
        Assert.Equal(picture.Size(), drawn.Size());
        var peak = drawn.At<Vec3b>(75, 105);
        Assert.True(Math.Max(peak.Item0, Math.Max(peak.Item1, peak.Item2)) - Math.Min(peak.Item0, Math.Min(peak.Item1, peak.Item2)) > 60, $"{peak.Item0} {peak.Item1} {peak.Item2}");
        var (first, far) = (drawn.At<Vec3b>(2, 2), drawn.At<Vec3b>(20, 40));
        Assert.Equal((first, first.Item0, first.Item0), (far, far.Item1, far.Item2));
    }

    [Fact]
    public void Draw_ARegion_LeavesTheRestOfThePictureAsItIs()
    {
        using var picture = new Mat(90, 120, MatType.CV_8UC1, Scalar.All(100));
        using var drawn = Cv2.ImDecode(EvidenceOverlay.Draw(picture, Spot(new(80, 60, 40, 30))), ImreadModes.Color);
        using var rest = new Mat(drawn, new Rect(0, 0, 80, 90));
        Assert.Equal(0, Cv2.Norm(rest, new Mat(rest.Size(), rest.Type(), Scalar.All(100)), NormTypes.INF));
    }

    [Fact]
    public void Draw_NothingForTheVerdict_IsTheGreyPicture()
    {
        using var picture = new Mat(30, 40, MatType.CV_8UC1, Scalar.All(77));
        var against = EvidenceMap.Make("x", "y", 0, [new("s1", 2, 2, [-1, -2, -1, 0])], new(0, 0, 40, 30));
        using var drawn = Cv2.ImDecode(EvidenceOverlay.Draw(picture, against), ImreadModes.Color);
        Assert.Equal(0, Cv2.Norm(drawn, new Mat(drawn.Size(), drawn.Type(), Scalar.All(77)), NormTypes.INF));
    }

    // In the last place of 4 x 3.
    private static EvidenceMap Spot(Inference.Preparation.Region region) => EvidenceMap.Make("x", "y", 0, [new("s1", 4, 3, [.. new float[11], 5])], region);
}
