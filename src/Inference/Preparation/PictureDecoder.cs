using Inference.Preparation.Formats;
using OpenCvSharp;

namespace Inference.Preparation;

/// <summary>
/// Turns the bytes of a picture file into pixels. Type, size and completeness are read from the file's own structure first, so
/// that OpenCV never sees a file that would take gigabytes or that is cut off (its decoders fill up a torn picture with grey).
/// </summary>
public static class PictureDecoder
{
    /// <summary>Decodes PNG, JPEG, BMP, TIFF or WebP; 16-bit values are divided by 257; alpha is dropped; an EXIF orientation is applied.</summary>
    /// <returns>The picture, or a problem in words; never throws for what is in the bytes.</returns>
    public static DecodedPicture Decode(ReadOnlySpan<byte> bytes, PictureLimits? limits = null)
    {
        limits ??= PictureLimits.Default;
        if (bytes.IsEmpty) return DecodedPicture.Refused("The file is empty (0 bytes).");
        if (bytes.Length > limits.MaxFileBytes) return DecodedPicture.Refused($"The file has {bytes.Length} bytes; at most {limits.MaxFileBytes} are taken.");

        var header = PictureHeader.Read(bytes);
        if (header.Problem is not null) return DecodedPicture.Refused(header.Problem);
        if (header.WidthPx < 1 || header.HeightPx < 1)
            return DecodedPicture.Refused($"The {header.Format} file claims a size of {header.WidthPx}x{header.HeightPx} pixels: it is damaged.");
        if (header.WidthPx > limits.MaxSidePx || header.HeightPx > limits.MaxSidePx || header.WidthPx * header.HeightPx > limits.MaxPixels)
        {
            return DecodedPicture.Refused(
                $"The {header.Format} file claims {header.WidthPx}x{header.HeightPx} pixels in {bytes.Length} bytes; " +
                $"at most {limits.MaxSidePx} a side and {limits.MaxPixels} in all are decoded.");
        }

        return Pixels(bytes, header.Format);
    }

    private static DecodedPicture Pixels(ReadOnlySpan<byte> bytes, string format)
    {
        Mat? picture = null;
        try
        {
            picture = Cv2.ImDecode(bytes, ImreadModes.AnyColor | ImreadModes.AnyDepth);
            if (picture.Empty()) return DecodedPicture.Refused($"The {format} file cannot be decoded: its content is damaged or of a kind that OpenCV does not read.");
            var result = EightBit(picture, format);
            if (result.Picture == picture) picture = null;
            return result;
        }
        catch (OpenCVException exception)
        {
            return DecodedPicture.Refused($"The {format} file cannot be decoded: {exception.Message}");
        }
        finally
        {
            picture?.Dispose();
        }
    }

    private static DecodedPicture EightBit(Mat picture, string format)
    {
        if (picture.Channels() is not (1 or 3)) return DecodedPicture.Refused($"The {format} file has {picture.Channels()} channels; grey or colour is needed.");
        if (picture.Depth() == MatType.CV_8U) return DecodedPicture.Of(picture);
        if (picture.Depth() != MatType.CV_16U) return DecodedPicture.Refused($"The {format} file holds {picture.Type()} values; 8 or 16 bits are read.");
        var narrowed = new Mat();
        picture.ConvertTo(narrowed, MatType.CV_8U, 1.0 / 257);
        return DecodedPicture.Of(narrowed);
    }
}
