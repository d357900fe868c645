namespace Inference.Preparation;

/// <summary>Which files are taken for pictures. What is in them is looked at by <see cref="PictureDecoder"/>.</summary>
public static class PictureFile
{
    /// <summary>With their dot, lower case.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"];

    /// <summary>By extension, whatever its case. Hidden names are other programs' temporary files.</summary>
    public static bool IsPicture(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) && !Path.GetFileName(path).StartsWith('.');
}
