using System.Collections.Concurrent;

namespace Appliance.Capture.Folders;

/// <summary>Which files of a watched folder were given already, by path and time of writing. Outlives one opening of the folder; any thread.</summary>
internal sealed class TakenFiles
{
    private readonly ConcurrentDictionary<string, DateTime> taken = new(StringComparer.Ordinal);

    /// <summary>False where this content was given before.</summary>
    public bool IsNew(string path) => !taken.TryGetValue(path, out var before) || before != File.GetLastWriteTimeUtc(path);

    public void Take(string path) => taken[path] = File.GetLastWriteTimeUtc(path);

    /// <summary>Files that are gone need no memory.</summary>
    public void Keep(IEnumerable<string> present)
    {
        foreach (var gone in taken.Keys.Except(present, StringComparer.Ordinal).ToArray()) taken.TryRemove(gone, out _);
    }
}
