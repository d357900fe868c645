using System.Security.Cryptography;
using Inference.Files;

namespace Appliance.Journal;

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
        [.. Directory.EnumerateFileSystemEntries(state).Where(p => Path.GetFileName(p) is var name && name is not ("lock" or "lock.owner" or OldStates or FileName) && !name.StartsWith(StagingPrefix, StringComparison.Ordinal))];

    public static bool IsSet(string state) => File.Exists(Path.Combine(state, FileName));

    public static void Set(IFileSystem files, string state) => WholeFile.Write(files, Path.Combine(state, FileName), "A restore is exchanging the state.\n"u8);

    public static void Clear(IFileSystem files, string state)
    {
        files.Delete(Path.Combine(state, FileName));
        files.SyncDirectory(state);
    }

    /// <exception cref="JournalException">A restore was cut off there.</exception>
    public static void Check(string state)
    {
        if (IsSet(state)) throw new JournalException($"A restore into '{state}' was cut off, so that the state is neither the old one nor the new one. Run 'appliance restore' again; the old state lies under '{Path.Combine(state, OldStates)}'.");
    }
}
