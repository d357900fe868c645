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
        var full = Path.GetFullPath(directory);
        if (!Directory.Exists(full)) throw new PackageException($"There is no model package at '{full}'.");
        var manifest = ParseManifest(full, ReadFile(full, PackageFiles.Manifest, PackageFiles.MaxManifestBytes));
        var head = ReadFile(full, PackageFiles.Head, PackageFiles.MaxHeadBytes);
        var policy = PolicyFile.Parse(Path.Combine(full, PackageFiles.Policy), ReadFile(full, PackageFiles.Policy, PackageFiles.MaxPolicyBytes));
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PackageException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    private static ModelManifest ParseManifest(string directory, byte[] json)
    {
        var path = Path.Combine(directory, PackageFiles.Manifest);
        try
        {
            // The version first: a newer manifest may be of another shape.
            using (var document = JsonDocument.Parse(json))
            {
                if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("schemaVersion", out var version)
                    && version.TryGetInt32(out var number) && number > PackageFiles.SchemaVersion)
                    throw new PackageException($"'{path}' is of version {number}; this program reads up to {PackageFiles.SchemaVersion}. Use a newer appliance.");
            }

            return JsonSerializer.Deserialize(json, InferenceJson.Default.ModelManifest) ?? throw new PackageException($"'{path}' is null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new PackageException($"'{path}' is not a manifest: {e.Message}", e);
        }
    }
}
