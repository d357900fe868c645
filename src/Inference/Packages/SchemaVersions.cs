using System.Text.Json;

namespace Inference.Packages;

/// <summary>Looks at the version of a file before its members: a newer file may be of another shape.</summary>
internal static class SchemaVersions
{
    /// <exception cref="PackageException">It is newer than can be read, or no JSON.</exception>
    public static void Check(string path, ReadOnlyMemory<byte> json, int newest)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("schemaVersion", out var version)
                && version.ValueKind == JsonValueKind.Number && version.GetDouble() > newest)
                throw new PackageException($"'{path}' is of version {version}; this program reads up to {newest}. Use a newer appliance.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new PackageException($"'{path}' is no JSON: {e.Message}", e);
        }
    }
}
