using System.Security.Cryptography;

namespace Inference.Files;

/// <summary>Writes a file so that a reader, also one after a power cut, finds all of it or none of it.</summary>
public static class WholeFile
{
    /// <summary>Suffix of files that are being written; one that is left over from a crash may be deleted.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>
    /// Writes beside <paramref name="path"/> under a temporary name, syncs, renames over what was there, and syncs the directory, which must exist.
    /// </summary>
    /// <exception cref="IOException">Nothing under <paramref name="path"/> has changed, unless only the last sync of the directory failed: then it may or may not survive a power cut.</exception>
    public static void Write(IFileSystem fs, string path, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(fs);
        var directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? throw new IOException($"'{path}' is not the path of a file.");
        var temporary = TemporaryNameFor(path);
        try
        {
            using (var file = fs.CreateNew(temporary))
            {
                file.Write(bytes);
                file.Sync();
            }

            fs.Rename(temporary, path);
        }
        catch
        {
            DeleteQuietly(fs, temporary);
            throw;
        }

        fs.SyncDirectory(directory);
    }

    /// <summary>A hidden name in the same directory, so that the rename is atomic.</summary>
    internal static string TemporaryNameFor(string path)
        => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Path.GetFileName(path)}.{RandomNumberGenerator.GetHexString(12, lowercase: true)}{TemporarySuffix}");

    // The first error is the one to report.
    private static void DeleteQuietly(IFileSystem fs, string path)
    {
        try
        {
            fs.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
