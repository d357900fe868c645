using OpenCvSharp;

namespace Appliance.Capture.Folders;

/// <summary>A picture file as a frame. Whatever is wrong with the file becomes the frame's defect.</summary>
internal sealed class PictureReader(string folder, string camera, PartsFile? parts, TimeProvider time)
{
    private const long MaxFileBytes = 256L << 20;

    public Frame Read(string path)
    {
        var (bytes, defect) = Bytes(path);
        var picture = new Mat();
        if (defect is null) defect = Decode(bytes!, ref picture);
        var name = PictureFiles.Relative(folder, path);
        return new Frame(picture)
        {
            Camera = camera,
            GrabTimestamp = time.GetTimestamp(),
            GrabbedAt = time.GetUtcNow(),
            Part = parts?.PartOf(name) ?? Path.ChangeExtension(name, null),
            SourceName = name,
            OriginalBytes = bytes,
            OriginalExtension = Path.GetExtension(path).ToLowerInvariant(),
            Defect = defect is null ? null : $"{name}: {defect}",
        };
    }

    private static (byte[]? Bytes, string? Defect) Bytes(string path)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length == 0) return (null, "the file is empty (0 bytes).");
            if (length > MaxFileBytes) return (null, $"the file has {length} bytes; the limit is {MaxFileBytes}.");
            return (File.ReadAllBytes(path), null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, $"the file cannot be read: {exception.Message}");
        }
    }

    private static string? Decode(byte[] bytes, ref Mat picture)
    {
        try
        {
            var decoded = Cv2.ImDecode(bytes, ImreadModes.AnyColor);
            picture.Dispose();
            picture = decoded;
            return decoded.Empty() ? "the content is no picture that can be decoded." : null;
        }
        catch (OpenCVException exception)
        {
            return "the picture cannot be decoded: " + exception.Message;
        }
    }
}
