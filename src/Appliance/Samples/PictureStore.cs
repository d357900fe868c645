using System.Security.Cryptography;
using Inference.Files;
using OpenCvSharp;

namespace Appliance.Samples;

/// <summary>A picture on disk.</summary>
/// <param name="Sha256">Of its bytes, lower-case hex; also its name.</param>
/// <param name="Extension">With its dot, lower case.</param>
internal sealed record StoredPicture(string Sha256, string Extension, long LengthBytes);

/// <summary>Pictures named by their content: <c>pictures/ab/ab12….png</c>. Written whole and synced, never changed. Safe for several threads.</summary>
internal sealed class PictureStore(IFileSystem files, string root)
{
    private static readonly HashSet<string> Known = [".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".pgm", ".ppm"];

    /// <summary>Keeps the original bytes of a file. The same content again costs one look.</summary>
    /// <exception cref="IOException">It is not stored.</exception>
    public StoredPicture Store(ReadOnlySpan<byte> bytes, string extension)
    {
        extension = extension.ToLowerInvariant();
        if (!Known.Contains(extension)) throw new ArgumentException($"'{extension}' is no picture extension that is kept.", nameof(extension));
        var sha = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var path = PathOf(sha, extension);
        if (!IsThere(path, bytes.Length))
        {
            files.CreateDirectory(Path.GetDirectoryName(path)!);
            WholeFile.Write(files, path, bytes);
        }
        return new StoredPicture(sha, extension, bytes.Length);
    }

    /// <summary>Keeps a frame without loss, as PNG.</summary>
    /// <param name="picture">[H,W,3] BGR or [H,W,1] grey, bytes; stays the caller's.</param>
    public StoredPicture Store(Mat picture)
    {
        // Level 1: a frame is stored while the line runs, and pixels matter more than disk.
        Cv2.ImEncode(".png", picture, out var png, new ImageEncodingParam(ImwriteFlags.PngCompression, 1));
        return Store(png, ".png");
    }

    public string PathOf(string sha256, string extension) => FileOf(root, sha256 + extension);

    /// <param name="name">SHA-256, lower-case hex, and extension.</param>
    public static string FileOf(string root, string name) => Path.Combine(root, name[..2], name);

    /// <summary>Deletes a picture; one that is not there is gone already.</summary>
    /// <param name="name">SHA-256, lower-case hex, and extension.</param>
    /// <exception cref="IOException">It is still there.</exception>
    public void Delete(string name) => files.Delete(FileOf(root, name));

    /// <summary>Whether a stored picture is there with its length.</summary>
    public bool Has(StoredPicture picture) => IsThere(PathOf(picture.Sha256, picture.Extension), picture.LengthBytes);

    private static bool IsThere(string path, long lengthBytes) => new FileInfo(path) is { Exists: true } info && info.Length == lengthBytes;
}
