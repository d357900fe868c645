using Inference.Preparation;
using OpenCvSharp;

namespace Appliance.Capture.Folders;

/// <summary>A picture file as a frame. Whatever is wrong with the file becomes the frame's defect.</summary>
internal sealed class PictureReader(string folder, string camera, IReadOnlyDictionary<string, string>? parts, TimeProvider time)
{
    /// <param name="release">Called at the frame's disposal instead of disposing its picture.</param>
    /// <param name="settled">See <see cref="Frame.Settled"/>.</param>
    public Frame Read(string path, Action<Frame>? release = null, Action? settled = null)
    {
        var (bytes, defect) = Bytes(path);
        var decoded = bytes is null ? null : PictureDecoder.Decode(bytes);
        defect ??= decoded?.Problem;
        var name = PictureFiles.Relative(folder, path);
        return new Frame(decoded?.Picture ?? new Mat(), release)
        {
            Settled = settled,
            Camera = camera,
            GrabTimestamp = time.GetTimestamp(),
            GrabbedAt = time.GetUtcNow(),
            Part = parts?.GetValueOrDefault(name) ?? Path.ChangeExtension(name, null),
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
            var limit = PictureLimits.Default.MaxFileBytes;
            return length > limit ? (null, $"The file has {length} bytes; at most {limit} are taken.") : (File.ReadAllBytes(path), null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, $"The file cannot be read: {exception.Message}");
        }
    }
}
