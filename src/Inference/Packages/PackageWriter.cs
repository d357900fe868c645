using System.Text.Json;
using Inference.Decisions;
using Inference.Files;

namespace Inference.Packages;

/// <summary>Writes a package whole: a reader finds all of it under its name, or nothing.</summary>
public static class PackageWriter
{
    /// <summary>Writes manifest, head and policy into a new directory.</summary>
    /// <param name="directory">Must not exist; the one above it must.</param>
    /// <exception cref="PackageException">What would be written would be refused on reading.</exception>
    /// <exception cref="IOException">Nothing is there under that name, unless only the last sync failed.</exception>
    public static void Write(IFileSystem fs, string directory, ModelManifest manifest, ReadOnlySpan<byte> headOnnx, DecisionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(fs);
        ArgumentNullException.ThrowIfNull(manifest);
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        if (Path.Exists(full)) throw new IOException($"'{full}' is there already; a package is never written over another one.");
        PackageCheck.All(full, manifest, headOnnx, policy);
        var (head, bytes, policyBytes) = (headOnnx.ToArray(), JsonSerializer.SerializeToUtf8Bytes(manifest, InferenceJson.Indented.ModelManifest), PolicyFile.Serialize(policy));
        Place(fs, full,
            (PackageFiles.Head, head),
            (PackageFiles.Manifest, bytes),
            (PackageFiles.Policy, policyBytes),
            (PackageFiles.Sums, PackageSums.Of(head, bytes, policyBytes)));
    }

    /// <summary>Files into a hidden directory beside it, each synced, then one rename.</summary>
    private static void Place(IFileSystem fs, string directory, params ReadOnlySpan<(string Name, byte[] Bytes)> files)
    {
        var temporary = WholeFile.TemporaryNameFor(directory);
        try
        {
            fs.CreateDirectory(temporary);
            foreach (var (name, bytes) in files)
            {
                using var file = fs.CreateNew(Path.Combine(temporary, name));
                file.Write(bytes);
                file.Sync();
            }

            fs.SyncDirectory(temporary);
            fs.Rename(temporary, directory);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }

        fs.SyncDirectory(Path.GetDirectoryName(directory)!);
    }

    // The first error is the one to report; a hidden directory that stays is no package.
    private static void TryDelete(string temporary)
    {
        try
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
