using OpenCvSharp;

namespace Inference.Preparation;

/// <summary>
/// Puts a picture into the network's input buffer: cut, stretched, in colour order, bytes, <c>[1,H,W,3]</c>.
/// The same code serves training and inspection. Not safe for concurrent use; one for each user.
/// </summary>
/// <remarks>
/// OpenCvSharp makes an object at every conversion to an array argument. Inputs are converted once, over Mats that are kept: the
/// picture is assigned to one of them (a header, no pixels are copied) for the time of the call. Outputs cannot be kept, because
/// OpenCvSharp disposes them after use: they cost about a hundred bytes a call, whatever the size of the picture.
/// </remarks>
public sealed class ImagePreparer : IDisposable
{
    private readonly PreparationSpec spec;
    private readonly Size size;
    private readonly Mat source = new();
    private readonly Mat resized = new();
    private readonly Mat nothing = new();
    private readonly InputArray sourceArray;
    private readonly InputArray resizedArray;
    private PreparedBuffer? target;

    public ImagePreparer(PreparationSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        this.spec = spec;
        size = new Size(spec.WidthPx, spec.HeightPx);
        sourceArray = InputArray.Create(source);
        resizedArray = InputArray.Create(resized);
    }

    public PreparationSpec Spec => spec;

    /// <summary>Bytes that the destination must hold: height x width x 3.</summary>
    public int LengthBytes => size.Width * size.Height * 3;

    /// <summary>Prepares <paramref name="picture"/> into <paramref name="destination"/>.</summary>
    /// <param name="picture">[H,W,3] BGR or [H,W,1] grey, 8 bit; only read, and not kept after the call.</param>
    /// <param name="destination">[H,W,3] bytes in the spec's colour order; <see cref="LengthBytes"/> long. Undefined when refused.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    public unsafe PreparationResult Prepare(Mat picture, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (destination.Length != LengthBytes)
            throw new ArgumentException($"The buffer holds {destination.Length} bytes; {size.Width}x{size.Height}x3 needs {LengthBytes}.", nameof(destination));
        if (PictureCheck.Refuse(picture, spec.Region) is { } refusal) return refusal;

        fixed (byte* address = destination)
        {
            Select(picture);
            try
            {
                Fill(Target((IntPtr)address));
            }
            catch (OpenCVException exception)
            {
                return PreparationResult.BadPicture($"OpenCV could not prepare the picture ({picture.Width}x{picture.Height}): {exception.Message}");
            }
            finally
            {
                nothing.AssignTo(source);
            }
        }

        return default;
    }

    public void Dispose()
    {
        target?.Dispose();
        resizedArray.Dispose();
        sourceArray.Dispose();
        nothing.Dispose();
        resized.Dispose();
        source.Dispose();
    }

    private void Select(Mat picture)
    {
        if (spec.Region is not { } region)
        {
            picture.AssignTo(source);
            return;
        }

        using var cut = new Mat(picture, new Rect(region.X, region.Y, region.WidthPx, region.HeightPx));
        cut.AssignTo(source);
    }

    private void Fill(PreparedBuffer buffer)
    {
        var interpolation = source.Width > 2 * size.Width || source.Height > 2 * size.Height ? InterpolationFlags.Area : InterpolationFlags.Linear;
        var grey = source.Channels() == 1;
        if (!grey && spec.ColourOrder == ColourOrder.Bgr)
        {
            Cv2.Resize(sourceArray, buffer.Header, size, 0, 0, interpolation);
            return;
        }

        Cv2.Resize(sourceArray, resized, size, 0, 0, interpolation);
        Cv2.CvtColor(resizedArray, buffer.Header, grey ? ColorConversionCodes.GRAY2BGR : ColorConversionCodes.BGR2RGB);
    }

    private PreparedBuffer Target(IntPtr address)
    {
        if (target is { } known && known.Address == address) return known;
        target?.Dispose();
        return target = new PreparedBuffer(address, size);
    }
}
