using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Inference.Files;

namespace Appliance.Journal;

/// <summary>How far a restore has come with exchanging the state.</summary>
/// <param name="Aside">Where the state that was there is moved, from the state directory; null when there was none.</param>
/// <param name="IsAside">All of it is there: what lies in the state directory is of the backup.</param>
internal sealed record RestoreStep(string? Aside, bool IsAside);

/// <summary>
/// The file <c>restoring</c> says that a restore is exchanging the state, or was cut off while it did. Without it, a start could find no journal, begin a new
/// one, and use identities again.
/// </summary>
internal static class RestoreMark
{
    /// <summary>Where a restore moves the state that was there.</summary>
    public const string OldStates = "replaced";

    private const string FileName = "restoring";
    private const string StagingPrefix = ".restore-";

    public static string NewStagingName() => StagingPrefix + RandomNumberGenerator.GetHexString(12, lowercase: true);

    /// <summary>Directories that restores were cut off in.</summary>
    public static IReadOnlyList<string> Stagings(string state) => [.. Directory.EnumerateDirectories(state, StagingPrefix + "*")];

    /// <summary>What makes up the state: all but the lock, old states and what restores leave.</summary>
    public static IReadOnlyList<string> Contents(string state) =>
        [.. Directory.EnumerateFileSystemEntries(state).Where(p => Path.GetFileName(p) is var name && name is not ("lock" or "lock.owner" or OldStates or FileName)
            && !name.StartsWith(StagingPrefix, StringComparison.Ordinal) && !name.StartsWith($".{FileName}.", StringComparison.Ordinal))];

    public static bool IsSet(string state) => File.Exists(Path.Combine(state, FileName));

    /// <summary>Null where nothing is being exchanged.</summary>
    /// <exception cref="JournalException">The file says nothing that could be understood.</exception>
    public static RestoreStep? Read(string state)
    {
        if (!IsSet(state)) return null;
        var path = Path.Combine(state, FileName);
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), RestoreJson.Default.RestoreStep) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new JournalException($"'{path}' is damaged ({e.Message}), so that nobody knows how far a restore had come. The old state lies under '{Path.Combine(state, OldStates)}': put it back by hand and delete the file.", e);
        }
    }

    public static void Set(IFileSystem files, string state, RestoreStep step) => WholeFile.Write(files, Path.Combine(state, FileName), JsonSerializer.SerializeToUtf8Bytes(step, RestoreJson.Default.RestoreStep));

    public static void Clear(IFileSystem files, string state)
    {
        files.Delete(Path.Combine(state, FileName));
        files.SyncDirectory(state);
    }

    /// <exception cref="JournalException">A restore was cut off there.</exception>
    public static void Check(string state)
    {
        if (IsSet(state)) throw new JournalException($"A restore into '{state}' was cut off, so that the state is neither the old one nor the new one. Run 'appliance restore' again: it puts the old one back before it begins.");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RestoreStep))]
internal sealed partial class RestoreJson : JsonSerializerContext;
