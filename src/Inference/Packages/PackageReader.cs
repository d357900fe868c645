using System.Text.Json;
using Inference.Decisions;

namespace Inference.Packages;

/// <summary>Reads a package and believes nothing of it before it is checked.</summary>
public static class PackageReader
{
    /// <summary>Reads and verifies everything that can be verified without running the head.</summary>
    /// <exception cref="PackageException">Missing, altered, too large, with external data, or of a newer version; says which file and why.</exception>
    public static ModelPackage Read(string directory)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        if (!Directory.Exists(full)) throw new PackageException($"There is no model package at '{full}'.");
        var manifestPath = Path.Combine(full, PackageFiles.Manifest);
        var manifestBytes = ReadFile(full, PackageFiles.Manifest, PackageFiles.MaxManifestBytes);
        // The version first: a newer package may be of another shape.
        SchemaVersions.Check(manifestPath, manifestBytes, PackageFiles.SchemaVersion);
        var head = ReadFile(full, PackageFiles.Head, PackageFiles.MaxHeadBytes);
        var policyBytes = ReadFile(full, PackageFiles.Policy, PackageFiles.MaxPolicyBytes);
        PackageSums.Check(full, ReadFile(full, PackageFiles.Sums, PackageFiles.MaxSumsBytes), head, manifestBytes, policyBytes);
        var manifest = ParseManifest(manifestPath, manifestBytes);
        var policy = PolicyFile.Parse(Path.Combine(full, PackageFiles.Policy), policyBytes);
        PackageCheck.All(full, manifest, head, policy);
        return new ModelPackage(full, manifest, head, policy, PolicyFile.Id(policy));
    }

    private static byte[] ReadFile(string directory, string name, int limitBytes)
    {
        var path = Path.Combine(directory, name);
        try
        {
            using var file = File.OpenHandle(path);
            var length = RandomAccess.GetLength(file);
            if (length > limitBytes) throw new PackageException($"'{path}' has {length} bytes; at most {limitBytes} are read. It is no {name} that the trainer wrote.");
            if (length == 0) throw new PackageException($"'{path}' is empty.");
            var bytes = new byte[length];
            for (var done = 0; done < bytes.Length;)
            {
                var read = RandomAccess.Read(file, bytes.AsSpan(done), done);
                if (read == 0) throw new PackageException($"'{path}' became shorter while it was read.");
                done += read;
            }

            return bytes;
        }
        catch (FileNotFoundException)
        {
            throw new PackageException($"The model package '{directory}' has no {name}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new PackageException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    private static ModelManifest ParseManifest(string path, byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, InferenceJson.Default.ModelManifest) ?? throw new PackageException($"'{path}' is null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new PackageException($"'{path}' is not a manifest: {e.Message}", e);
        }
    }
}
