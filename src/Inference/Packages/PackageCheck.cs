using System.Buffers.Text;
using System.Security.Cryptography;
using Inference.Decisions;
using Inference.Embeddings;

namespace Inference.Packages;

/// <summary>Whether manifest, head and policy belong together and make sense.</summary>
internal static class PackageCheck
{
    /// <exception cref="PackageException">The first thing that is wrong.</exception>
    public static void All(string directory, ModelManifest manifest, ReadOnlySpan<byte> head, DecisionPolicy policy)
    {
        var path = Path.Combine(directory, PackageFiles.Manifest);
        foreach (var error in Names(manifest).Concat(Embedding(manifest.Embedding))) throw new PackageException($"'{path}': {error}");
        if (head.Length > PackageFiles.MaxHeadBytes) throw new PackageException($"'{Path.Combine(directory, PackageFiles.Head)}' has {head.Length} bytes; at most {PackageFiles.MaxHeadBytes} are read.");
        var sha = Convert.ToHexStringLower(SHA256.HashData(head));
        if (sha != manifest.HeadSha256) throw new PackageException($"'{Path.Combine(directory, PackageFiles.Head)}' was altered: its SHA-256 is {sha}, the manifest says {manifest.HeadSha256}.");
        if (HeadFile.Refuse(head) is { } refusal) throw new PackageException($"'{Path.Combine(directory, PackageFiles.Head)}' is refused: {refusal}");
        var id = ModelIdentity.Compute(sha, manifest.Embedding.Identity, manifest.Classes, manifest.GoodClass, manifest.Temperature);
        if (id != manifest.ModelId) throw new PackageException($"'{path}' was altered: head, embedding, classes and temperature make model {id}, the manifest says {manifest.ModelId}.");
        foreach (var error in Figures(manifest)) throw new PackageException($"'{path}': {error}");
        var errors = PolicyFile.Validate(policy, manifest.Classes).ToList();
        if (errors.Count > 0) throw new PackageException($"'{Path.Combine(directory, PackageFiles.Policy)}': {string.Join(" ", errors)}");
    }

    private static IEnumerable<string> Names(ModelManifest m)
    {
        if (m.SchemaVersion is < 1 or > PackageFiles.SchemaVersion) yield return $"schemaVersion is {m.SchemaVersion}; this program reads {PackageFiles.SchemaVersion}.";
        if (m.ModelId is null || m.HeadSha256 is null || m.SnapshotSha256 is null || m.Canaries is null || m.OutOfFold is null || m.Metrics is null || m.Choices is null || m.CreatedBy is null)
        {
            yield return "a member that must be there is null.";
            yield break;
        }

        if (m.Classes is not { Count: >= 2 and <= PackageFiles.MaxClasses }) yield return $"classes are {m.Classes?.Count ?? 0}; there must be 2 to {PackageFiles.MaxClasses}.";
        else if (m.Classes.Any(string.IsNullOrWhiteSpace)) yield return "a class has no name.";
        else if (m.Classes.FirstOrDefault(c => c.Any(char.IsControl)) is { } odd) yield return $"the class '{odd}' has control characters in its name.";
        else if (m.Classes.GroupBy(c => c, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twins) yield return $"the classes {string.Join(" and ", twins)} differ by case only, or not at all.";
        else if (!m.Classes.Contains(m.GoodClass)) yield return $"the good class '{m.GoodClass}' is none of {string.Join(", ", m.Classes)}.";
        if (!(m.Temperature is > 0 and < 1e6)) yield return $"the temperature is {m.Temperature}; it must be above 0.";
    }

    private static IEnumerable<string> Embedding(EmbeddingSpec? e)
    {
        if (e is not { Backbone.Length: 64, Preparation: not null, Segments.Count: > 0 } || !e.Backbone.All(char.IsAsciiHexDigitLower))
        {
            yield return "embedding names no backbone by SHA-256, no preparation or no segments.";
            yield break;
        }

        long next = 0;
        foreach (var segment in e.Segments)
        {
            if (segment is null || string.IsNullOrEmpty(segment.Name) || segment.Length < 1 || segment.Offset != next)
            {
                yield return "the segments of the embedding have gaps or no names.";
                yield break;
            }

            next += segment.Length;
        }

        if (next > 1 << 20) yield return $"an embedding of {next} values is too long.";
    }

    private static IEnumerable<string> Figures(ModelManifest m)
    {
        var (length, classes) = (m.Embedding.Length, m.Classes.Count);
        if (m.Canaries.Count == 0) yield return "there are no canaries, so the head cannot be tried before it judges.";
        for (var i = 0; i < m.Canaries.Count; i++)
        {
            if (m.Canaries[i] is not { Embedding: not null, Probabilities: not null } canary) yield return $"canary {i} is incomplete.";
            else if (!Base64.IsValid(canary.Embedding, out var bytes) || bytes != 2 * length) yield return $"canary {i} is no embedding of {length} half floats in base64.";
            else if (!Sound(canary.Probabilities, canary.Distance, classes)) yield return $"canary {i} has no {classes} probabilities, or NaN.";
        }

        foreach (var (name, value) in m.Metrics)
            if (!double.IsFinite(value)) yield return $"the metric '{name}' is {value}.";
        foreach (var p in m.OutOfFold)
        {
            if (p is not { Sample: not null, Part: not null, Label: not null, Probabilities: not null } || !Sound(p.Probabilities, p.Distance, classes))
            {
                yield return $"the out-of-fold prediction of '{p?.Sample}' is incomplete, has no {classes} probabilities, or NaN.";
                yield break;
            }
        }
    }

    private static bool Sound(IReadOnlyList<float> probabilities, float distance, int classes) =>
        probabilities.Count == classes && float.IsFinite(distance) && probabilities.All(p => p is >= -1e-3f and <= 1.001f);
}
