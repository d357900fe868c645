using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Inference.Packages;

namespace Inference.Decisions;

/// <summary><c>policy.json</c>: reading, writing, its id, and what makes sense in it.</summary>
public static class PolicyFile
{
    /// <summary>So many times the median distance of the training set is unlike anything seen, whatever a policy says.</summary>
    public const double MostUnseen = 1000;

    private const int SchemaVersion = 1;

    /// <summary>Indented UTF-8 JSON.</summary>
    public static byte[] Serialize(DecisionPolicy policy) => JsonSerializer.SerializeToUtf8Bytes(policy, InferenceJson.Indented.DecisionPolicy);

    /// <summary>SHA-256 (lower-case hex) of what decides and what for: thresholds by name, band, limit, objective. Order and white space of the file do not count.</summary>
    public static string Id(DecisionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var text = new StringBuilder("policy/1\n");
        text.Append(CultureInfo.InvariantCulture, $"{policy.UnsureBand:R}\n{policy.UnseenLimit:R}");
        foreach (var (name, threshold) in policy.Thresholds.OrderBy(t => t.Key, StringComparer.Ordinal)) text.Append(CultureInfo.InvariantCulture, $"\n{threshold:R} {name}");
        if (policy.Objective is { } objective)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nobjective {objective.MaxEscape:R} {objective.Confidence:R}");
            if (objective.Costs is { } c) text.Append(CultureInfo.InvariantCulture, $" {c.Escape:R} {c.Reject:R} {c.Review:R} {c.ReviewsPerHour:R} {c.PartsPerHour:R} {c.BadShare:R}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>A policy of a package; members that this version does not know are ignored.</summary>
    /// <exception cref="PackageException">It is no policy.</exception>
    public static DecisionPolicy Parse(string path, ReadOnlyMemory<byte> json) => Parse(path, json, InferenceJson.Default);

    /// <summary>A policy that a person hands over; a member that nobody knows is a slip of the pen, and refused.</summary>
    /// <exception cref="PackageException">It is no policy.</exception>
    public static DecisionPolicy ParseByHand(string path, ReadOnlyMemory<byte> json) => Parse(path, json, InferenceJson.ByHand);

    private static DecisionPolicy Parse(string path, ReadOnlyMemory<byte> json, InferenceJson contract)
    {
        SchemaVersions.Check(path, json, SchemaVersion);
        try
        {
            return JsonSerializer.Deserialize(json.Span, contract.DecisionPolicy) is { Thresholds: not null } policy
                ? policy
                : throw new PackageException($"'{path}' has no thresholds.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new PackageException($"'{path}' is no policy: {e.Message}", e);
        }
    }

    /// <summary>Everything that is wrong with a policy for these classes.</summary>
    public static IEnumerable<string> Validate(DecisionPolicy policy, IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (policy.SchemaVersion is < 1 or > SchemaVersion) yield return $"schemaVersion is {policy.SchemaVersion}; this program reads {SchemaVersion}.";
        foreach (var name in classes.Where(c => !policy.Thresholds.ContainsKey(c))) yield return $"the class '{name}' has no threshold.";
        foreach (var (name, threshold) in policy.Thresholds)
        {
            if (!classes.Contains(name)) yield return $"there is a threshold for '{name}', which is no class of the model.";
            if (!(threshold is > 0 and <= 1)) yield return string.Create(CultureInfo.InvariantCulture, $"the threshold of '{name}' is {threshold}; it takes more than 0, up to 1.");
        }

        if (!(policy.UnsureBand is >= 0 and < 1)) yield return string.Create(CultureInfo.InvariantCulture, $"unsureBand is {policy.UnsureBand}; it takes 0 up to 1.");
        if (!(policy.UnseenLimit is > 0 and <= MostUnseen)) yield return string.Create(CultureInfo.InvariantCulture, $"unseenLimit is {policy.UnseenLimit}; it takes more than 0, up to {MostUnseen}.");
    }
}
