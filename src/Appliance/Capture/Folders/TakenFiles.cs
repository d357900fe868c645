using System.Collections.Concurrent;

namespace Appliance.Capture.Folders;

/// <summary>Which files of a watched folder were given already, by path and time of writing, and how many of them wait for judgement. Outlives one opening of the folder; any thread.</summary>
/// <param name="room">How many may wait.</param>
internal sealed class TakenFiles(int room)
{
    private readonly ConcurrentDictionary<string, DateTime> taken = new(StringComparer.Ordinal);

    /// <summary>Never disposed: frames come back after their source is gone.</summary>
    public SemaphoreSlim Room { get; } = new(room);

    /// <summary>False where this content was given before.</summary>
    public bool IsNew(string path) => !taken.TryGetValue(path, out var before) || before != File.GetLastWriteTimeUtc(path);

    /// <param name="written">Its time of writing before it was read: one that was written anew meanwhile is another.</param>
    public void Take(string path, DateTime written) => taken[path] = written;

    /// <summary>Files that are gone need no memory.</summary>
    public void Keep(IEnumerable<string> present)
    {
        foreach (var gone in taken.Keys.Except(present, StringComparer.Ordinal).ToArray()) taken.TryRemove(gone, out _);
    }
}
