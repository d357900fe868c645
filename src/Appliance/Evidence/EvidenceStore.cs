using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Appliance.Journal;
using Inference;
using Inference.Evidence;
using Inference.Files;

namespace Appliance.Evidence;

/// <summary>
/// Evidence files, one a sample: <c>evidence/3/0/3-1204.json</c>, in a folder an epoch and one for ten thousand inspections. Written whole and synced, never changed; the sample's fact
/// holds the SHA-256. Safe for several threads.
/// </summary>
internal sealed class EvidenceStore(IFileSystem files, string root)
{
    private const ulong PerFolder = 10_000;

    /// <summary>Where it lies under a state directory.</summary>
    public static string RootOf(string state) => Path.Combine(state, "evidence");

    public string PathOf(InspectionId id) => Path.Combine(
        root, id.Epoch.ToString(CultureInfo.InvariantCulture), (id.Sequence / PerFolder).ToString(CultureInfo.InvariantCulture), $"{id}.json");

    /// <summary>Keeps the evidence of a sample.</summary>
    /// <returns>SHA-256 of the file, lower-case hex.</returns>
    /// <exception cref="IOException">It is not stored.</exception>
    public string Store(InspectionId id, EvidenceMap map)
    {
        var (path, bytes) = (PathOf(id), JsonSerializer.SerializeToUtf8Bytes(map, InferenceJson.Default.EvidenceMap));
        files.CreateDirectory(Path.GetDirectoryName(path)!);
        WholeFile.Write(files, path, bytes);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    /// <summary>The evidence of a sample; null where it is gone, or is not what the fact says.</summary>
    public EvidenceMap? Read(InspectionId id, string sha256)
    {
        try
        {
            var bytes = File.ReadAllBytes(PathOf(id));
            return Convert.ToHexStringLower(SHA256.HashData(bytes)) == sha256 ? JsonSerializer.Deserialize(bytes, InferenceJson.Default.EvidenceMap) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>For a sample that is given up, with its picture. One that has none is no error.</summary>
    public void Delete(InspectionId id)
    {
        if (File.Exists(PathOf(id))) files.Delete(PathOf(id));
    }
}
