using Appliance.Capture.Supervision;
using OpenCvSharp;

namespace Appliance.Tests.Capture;

public sealed class BlackPictureTests
{
    [Theory]
    [InlineData(16, 0, true)]
    [InlineData(17, 0, false)]
    [InlineData(10, 120, true)]
    [InlineData(10, 121, false)]
    public void Is_LevelAndBrightValues_OneInAThousandMayBeBrighter(int ground, int bright, bool black)
    {
        // 400 x 300 values, in a picture whose rows do not follow one another.
        using var whole = new Mat(300, 500, MatType.CV_8UC1, new Scalar(255));
        using var picture = new Mat(whole, new Rect(50, 0, 400, 300));
        picture.SetTo(new Scalar(ground));
        for (var i = 0; i < bright; i++) picture.Set(299 - i / 100, i % 100, (byte)200);
        Assert.Equal(black, BlackPicture.Is(picture, 16));
        Assert.False(BlackPicture.Is(picture, 0));
    }

    [Fact]
    public void Are_OneBitDiffers_NotTheSame()
    {
        using var one = new Mat(30, 41, MatType.CV_8UC3, new Scalar(1, 2, 3));
        using var wide = new Mat(30, 50, MatType.CV_8UC3, new Scalar(9, 9, 9));
        using var other = new Mat(wide, new Rect(5, 0, 41, 30));
        one.CopyTo(other);
        Assert.True(SamePicture.Are(one, other));
        other.Set(29, 40, new Vec3b(1, 2, 2));
        Assert.False(SamePicture.Are(one, other));
    }
}
