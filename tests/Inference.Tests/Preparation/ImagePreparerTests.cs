using Inference.Decisions;
using Inference.Preparation;
using OpenCvSharp;

namespace Inference.Tests.Preparation;

public sealed class ImagePreparerTests
{
    private static readonly PreparationSpec Small = new() { WidthPx = 4, HeightPx = 3 };

    [Theory]
    [InlineData(ColourOrder.Rgb, 30, 20, 10)]
    [InlineData(ColourOrder.Bgr, 10, 20, 30)]
    public void Prepare_PlainColour_ComesInTheOrderAsked(ColourOrder order, byte first, byte second, byte third)
    {
        using var picture = new Mat(30, 40, MatType.CV_8UC3, new Scalar(10, 20, 30));

        var prepared = Prepare(Small with { ColourOrder = order }, picture);

        for (var i = 0; i < prepared.Length; i += 3) Assert.Equal([first, second, third], prepared[i..(i + 3)]);
    }

    [Theory]
    [InlineData(ColourOrder.Rgb)]
    [InlineData(ColourOrder.Bgr)]
    public void Prepare_Grey_IsRepeated(ColourOrder order)
    {
        using var picture = new Mat(30, 40, MatType.CV_8UC1, new Scalar(77));

        Assert.All(Prepare(Small with { ColourOrder = order }, picture), value => Assert.Equal(77, value));
    }

    [Fact]
    public void Prepare_Region_TakesOnlyThat()
    {
        using var picture = new Mat(30, 40, MatType.CV_8UC3, Scalar.All(0));
        using (var inside = new Mat(picture, new Rect(5, 6, 8, 6))) inside.SetTo(Scalar.All(200));

        Assert.All(Prepare(Small with { Region = new Region(5, 6, 8, 6) }, picture), value => Assert.Equal(200, value));
    }

    [Theory]
    [InlineData(640, 480, InterpolationFlags.Linear)]
    [InlineData(642, 480, InterpolationFlags.Area)]
    [InlineData(320, 642, InterpolationFlags.Area)]
    [InlineData(100, 100, InterpolationFlags.Linear)]
    public void Prepare_BySize_ChoosesTheInterpolation(int width, int height, InterpolationFlags expected)
    {
        using var picture = new Mat(height, width, MatType.CV_8UC3);
        Cv2.Randu(picture, Scalar.All(0), Scalar.All(256));
        using var reference = new Mat();
        Cv2.Resize(picture, reference, new Size(320, 320), 0, 0, expected);
        Cv2.CvtColor(reference, reference, ColorConversionCodes.BGR2RGB);

        Assert.True(reference.GetArray(out Vec3b[] pixels));
        Assert.Equal(pixels.SelectMany(pixel => new[] { pixel.Item0, pixel.Item1, pixel.Item2 }), Prepare(new PreparationSpec(), picture));
    }

    [Fact]
    public void Prepare_PictureDisposedAfterwards_IsNotHeld()
    {
        using var preparer = new ImagePreparer(Small);
        var buffer = new byte[preparer.LengthBytes];
        for (var i = 0; i < 3; i++)
        {
            using var picture = new Mat(30, 40, MatType.CV_8UC3, Scalar.All(i));
            Assert.True(preparer.Prepare(picture, buffer).Succeeded);
            Assert.All(buffer, value => Assert.Equal(i, value));
        }
    }

    [Fact]
    public void Prepare_TwoBuffersInTurn_WritesIntoEach()
    {
        using var preparer = new ImagePreparer(Small);
        byte[] one = new byte[preparer.LengthBytes], two = new byte[preparer.LengthBytes];
        using var dark = new Mat(30, 40, MatType.CV_8UC3, Scalar.All(1));
        using var bright = new Mat(30, 40, MatType.CV_8UC3, Scalar.All(2));

        preparer.Prepare(dark, one);
        preparer.Prepare(bright, two);

        Assert.All(one, value => Assert.Equal(1, value));
        Assert.All(two, value => Assert.Equal(2, value));
    }

    [Theory]
    [InlineData(ColourOrder.Rgb, false)]
    [InlineData(ColourOrder.Bgr, false)]
    [InlineData(ColourOrder.Rgb, true)]
    public void Prepare_ManyFrames_AllocatesLittleWhateverTheirSize(ColourOrder order, bool cut)
    {
        var spec = Small with { ColourOrder = order, Region = cut ? new Region(1, 1, 300, 200) : null };
        using var preparer = new ImagePreparer(spec);
        using var small = new Mat(240, 320, MatType.CV_8UC3, Scalar.All(1));
        using var large = new Mat(1200, 1600, MatType.CV_8UC3, Scalar.All(1));

        var forSmall = BytesAFrame(preparer, small);

        Assert.InRange(forSmall, 0, 512);
        Assert.Equal(forSmall, BytesAFrame(preparer, large));
    }

    [Fact]
    public void Prepare_EmptyPicture_IsABadPicture()
    {
        using var picture = new Mat();
        AssertRefused(Small, picture, Reasons.BadPicture, "empty");
    }

    [Theory]
    [InlineData(MatType.CV_16U, 1)]
    [InlineData(MatType.CV_8U, 4)]
    [InlineData(MatType.CV_32F, 3)]
    public void Prepare_WrongType_IsABadPicture(int depth, int channels)
    {
        using var picture = new Mat(10, 10, MatType.MakeType(depth, channels), Scalar.All(1));
        AssertRefused(Small, picture, Reasons.BadPicture, "8-bit grey or BGR");
    }

    [Theory]
    [InlineData(-1, 0, 5, 5)]
    [InlineData(0, 0, 0, 5)]
    [InlineData(6, 0, 5, 5)]
    [InlineData(int.MaxValue, 0, int.MaxValue, 5)]
    public void Prepare_RegionOutside_IsAWrongSize(int x, int y, int width, int height)
    {
        using var picture = new Mat(10, 10, MatType.CV_8UC3, Scalar.All(1));
        AssertRefused(Small with { Region = new Region(x, y, width, height) }, picture, Reasons.WrongSize, "not inside the picture of 10x10");
    }

    [Fact]
    public void Prepare_BufferOfAnotherLength_Throws()
    {
        using var preparer = new ImagePreparer(Small);
        using var picture = new Mat(10, 10, MatType.CV_8UC3, Scalar.All(1));

        Assert.Throws<ArgumentException>(() => preparer.Prepare(picture, new byte[5]));
    }

    private static byte[] Prepare(PreparationSpec spec, Mat picture)
    {
        using var preparer = new ImagePreparer(spec);
        var buffer = new byte[preparer.LengthBytes];
        Assert.Equal(default, preparer.Prepare(picture, buffer));
        return buffer;
    }

    private static void AssertRefused(PreparationSpec spec, Mat picture, string reason, string said)
    {
        using var preparer = new ImagePreparer(spec);
        var result = preparer.Prepare(picture, new byte[preparer.LengthBytes]);
        Assert.Equal(reason, result.Reason);
        Assert.Contains(said, result.Detail, StringComparison.Ordinal);
    }

    private static long BytesAFrame(ImagePreparer preparer, Mat picture)
    {
        const int frames = 500;
        var buffer = GC.AllocateArray<byte>(preparer.LengthBytes, pinned: true);
        for (var i = 0; i < 50; i++) preparer.Prepare(picture, buffer);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < frames; i++) preparer.Prepare(picture, buffer);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / frames;
    }
}
