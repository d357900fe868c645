using System.Buffers.Binary;
using System.IO.Hashing;
using Inference.Preparation;
using OpenCvSharp;

namespace Inference.Tests.Preparation;

public sealed class PictureDecoderTests
{
    public static TheoryData<string> Extensions => [".png", ".jpg", ".bmp", ".tiff", ".webp"];

    [Theory]
    [MemberData(nameof(Extensions))]
    public void Decode_Colour_IsRead(string extension)
    {
        using var decoded = PictureDecoder.Decode(Encoded(extension, MatType.CV_8UC3));

        Assert.True(decoded.Succeeded, decoded.Problem);
        Assert.Equal((MatType.CV_8UC3, 61, 47), (decoded.Picture.Type(), decoded.Picture.Width, decoded.Picture.Height));
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".tiff")]
    public void Decode_SixteenBits_BecomesEight(string extension)
    {
        using var picture = new Mat(3, 5, MatType.CV_16UC1, Scalar.All(257 * 99));
        Cv2.ImEncode(extension, picture, out var bytes);

        using var decoded = PictureDecoder.Decode(bytes);

        Assert.True(decoded.Succeeded, decoded.Problem);
        Assert.Equal(MatType.CV_8UC1, decoded.Picture.Type());
        Assert.Equal(99, decoded.Picture.At<byte>(2, 4));
    }

    [Fact]
    public void Decode_Alpha_IsDropped()
    {
        using var decoded = PictureDecoder.Decode(Encoded(".png", MatType.CV_8UC4));

        Assert.True(decoded.Succeeded, decoded.Problem);
        Assert.Equal(MatType.CV_8UC3, decoded.Picture.Type());
    }

    [Theory]
    [MemberData(nameof(Extensions))]
    public void Decode_CutOffAnywhere_IsRefused(string extension)
    {
        var bytes = Encoded(extension, MatType.CV_8UC3);
        for (var kept = 0; kept < bytes.Length - 1; kept += 1 + (bytes.Length / 60))
        {
            using var decoded = PictureDecoder.Decode(bytes.AsSpan(0, kept));
            Assert.False(decoded.Succeeded, $"{kept} of {bytes.Length} bytes");
        }
    }

    [Fact]
    public void Decode_JpegWithoutItsEnd_SaysSo()
    {
        var bytes = Encoded(".jpg", MatType.CV_8UC3);
        using var decoded = PictureDecoder.Decode(bytes.AsSpan(0, bytes.Length - 2));

        Assert.Equal("The JPEG file is cut off: its end (EOI) is missing.", decoded.Problem);
    }

    /// <summary>A preview inside carries an end marker of its own.</summary>
    [Fact]
    public void Decode_JpegCutOffBehindItsPreview_IsRefused()
    {
        var bytes = Encoded(".jpg", MatType.CV_8UC3);
        byte[] segment = [0xFF, 0xE1, 0, 6, 0xFF, 0xD8, 0xFF, 0xD9];
        byte[] withPreview = [.. bytes[..2], .. segment, .. bytes[2..]];

        using var whole = PictureDecoder.Decode(withPreview);
        using var cut = PictureDecoder.Decode(withPreview.AsSpan(0, withPreview.Length / 2));

        Assert.True(whole.Succeeded, whole.Problem);
        Assert.Contains("EOI", cut.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_PngWithoutItsEnd_SaysSo()
    {
        var bytes = Encoded(".png", MatType.CV_8UC3);
        using var decoded = PictureDecoder.Decode(bytes.AsSpan(0, bytes.Length - 12));

        Assert.Equal("The PNG file is cut off: its end (IEND) is missing.", decoded.Problem);
    }

    [Fact]
    public void Decode_PngWithAFlippedBit_IsRefused()
    {
        var bytes = Encoded(".png", MatType.CV_8UC3);
        bytes[bytes.Length / 2] ^= 1;

        using var decoded = PictureDecoder.Decode(bytes);

        Assert.Contains("checksum", decoded.Problem, StringComparison.Ordinal);
    }

    /// <summary>The directory in front of the pixels, as cameras write it: a cut takes only pixels.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Decode_TiffCutOffInItsPixels_IsRefused(bool little)
    {
        var bytes = PlainTiff(little);

        using var whole = PictureDecoder.Decode(bytes);
        using var cut = PictureDecoder.Decode(bytes.AsSpan(0, bytes.Length - 1));

        Assert.True(whole.Succeeded, whole.Problem);
        Assert.Equal((8, 4, (byte)9), (whole.Picture.Width, whole.Picture.Height, whole.Picture.At<byte>(1, 1)));
        Assert.Equal("The TIFF file is cut off: strip 2 of 2 is not whole.", cut.Problem);
    }

    [Fact]
    public void Decode_ZeroBytes_IsRefused()
    {
        using var decoded = PictureDecoder.Decode([]);
        Assert.Equal("The file is empty (0 bytes).", decoded.Problem);
    }

    [Theory]
    [InlineData("a text that somebody named .jpg")]
    [InlineData("GIF89a")]
    [InlineData("%PDF-1.7")]
    [InlineData("B")]
    public void Decode_WrongType_IsRefused(string content)
    {
        using var decoded = PictureDecoder.Decode(System.Text.Encoding.ASCII.GetBytes(content));
        Assert.Contains("no PNG, JPEG, BMP, TIFF or WebP", decoded.Problem, StringComparison.Ordinal);
    }

    /// <summary>A few hundred bytes that claim 60,000 x 60,000 pixels, 10 GB decoded.</summary>
    [Fact]
    public void Decode_DecompressionBomb_IsRefusedByItsHeader()
    {
        var bytes = Encoded(".png", MatType.CV_8UC1);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(16), 60_000);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(20), 60_000);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(29), Crc32.HashToUInt32(bytes.AsSpan(12, 17)));

        using var decoded = PictureDecoder.Decode(bytes);

        Assert.Contains("claims 60000x60000 pixels", decoded.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Extensions))]
    public void Decode_LargerThanTheLimit_IsRefused(string extension)
    {
        var bytes = Encoded(extension, MatType.CV_8UC3);
        PictureLimits[] limits = [new() { MaxSidePx = 60 }, new() { MaxPixels = (61 * 47) - 1 }, new() { MaxFileBytes = bytes.Length - 1 }];

        Assert.All(limits, limit =>
        {
            using var decoded = PictureDecoder.Decode(bytes, limit);
            Assert.Contains("at most", decoded.Problem, StringComparison.Ordinal);
        });
        using var exactly = PictureDecoder.Decode(bytes, new PictureLimits { MaxSidePx = 61, MaxPixels = 61 * 47, MaxFileBytes = bytes.Length });
        Assert.True(exactly.Succeeded, exactly.Problem);
    }

    /// <summary>Whatever is overwritten, the answer is a picture or a problem.</summary>
    [Theory]
    [MemberData(nameof(Extensions))]
    public void Decode_RandomDamage_NeverThrows(string extension)
    {
        var random = new Random(7);
        var whole = Encoded(extension, MatType.CV_8UC3);
        for (var round = 0; round < 300; round++)
        {
            var bytes = whole.ToArray();
            for (var i = 0; i < 4; i++) bytes[random.Next(round % 2 == 0 ? Math.Min(64, bytes.Length) : bytes.Length)] = (byte)random.Next(256);
            using var decoded = PictureDecoder.Decode(bytes, new PictureLimits { MaxPixels = 1_000_000 });
            Assert.NotEqual(decoded.Picture is null, decoded.Problem is null);
        }
    }

    /// <summary>8 x 4 grey pixels in two strips.</summary>
    private static byte[] PlainTiff(bool little)
    {
        (ushort Tag, ushort Type, uint Count, uint Value)[] entries =
            [(256, 4, 1, 8), (257, 4, 1, 4), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 2, 0), (277, 3, 1, 1), (278, 4, 1, 2), (279, 3, 2, 0)];
        var bytes = new List<byte>(little ? "II*\0"u8.ToArray() : "MM\0*"u8.ToArray());
        U32(8);
        U16(entries.Length);
        foreach (var (tag, type, count, value) in entries)
        {
            U16(tag);
            U16(type);
            U32(count);
            if (tag == 279) { U16(16); U16(16); }
            else if (type == 3) { U16((int)value); U16(0); }
            else U32(tag == 273 ? 8 + 2 + (9 * 12) + 4 : value);
        }

        U32(0);
        var pixelsAt = (uint)bytes.Count + 8;
        U32(pixelsAt);
        U32(pixelsAt + 16);
        bytes.AddRange(Enumerable.Repeat((byte)9, 32));
        return [.. bytes];

        void U16(int value) => bytes.AddRange(Ordered(BitConverter.GetBytes((ushort)value)));
        void U32(uint value) => bytes.AddRange(Ordered(BitConverter.GetBytes(value)));
        byte[] Ordered(byte[] value) => little ? value : [.. Enumerable.Reverse(value)];
    }

    private static byte[] Encoded(string extension, MatType type)
    {
        using var picture = new Mat(47, 61, type);
        Cv2.Randu(picture, Scalar.All(0), Scalar.All(256));
        Assert.True(Cv2.ImEncode(extension, picture, out var bytes));
        return bytes;
    }
}
