using Inference.Preparation;

namespace Appliance.Capture.Folders;

/// <summary>The pictures of a folder, and the order they come in.</summary>
internal static class PictureFiles
{
    /// <summary>All pictures below, absolute paths: ordinal by path, or shuffled by a seed.</summary>
    public static string[] List(string folder, ulong? shuffleSeed)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = 0 };
        var files = Directory.EnumerateFiles(folder, "*", options).Where(PictureFile.IsPicture).ToArray();
        Array.Sort(files, StringComparer.Ordinal);
        if (shuffleSeed is { } seed) new SplitMix(seed).Shuffle<string>(files);
        return files;
    }

    /// <summary>Path below the folder with forward slashes.</summary>
    public static string Relative(string folder, string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');
}
