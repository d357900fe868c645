using System.Collections.Concurrent;

namespace Appliance.Capture.Folders;

/// <summary>
/// Which files of a watched folder were given already, and how many of them wait for judgement. Outlives one opening of the folder; with a list
/// also the process, for those that have their verdict. Any thread.
/// </summary>
/// <param name="room">How many may wait.</param>
internal sealed class TakenFiles(int room, Func<string, TakenList>? open = null)
{
    private readonly ConcurrentDictionary<string, FileStamp> taken = new(StringComparer.Ordinal);
    private TakenList? list;
    private string? folder;

    /// <summary>Never disposed: frames come back after their source is gone.</summary>
    public SemaphoreSlim Room { get; } = new(room);

    /// <summary>The folder is opened: what an earlier process has inspected there counts as given.</summary>
    /// <exception cref="IOException">The disk does not say what that was.</exception>
    public void Begin(string watched)
    {
        if (folder is not null || open is null) return;
        list = open(watched);
        foreach (var (name, stamp) in list.Read()) taken.TryAdd(Path.Combine(watched, name), stamp);
        folder = watched;
    }

    /// <summary>False where this content was given before.</summary>
    public bool IsNew(string path) => !taken.TryGetValue(path, out var before) || before != FileStamp.Of(path);

    /// <param name="stamp">Its stamp before it was read: one that was written anew meanwhile is another.</param>
    public void Take(string path, FileStamp stamp) => taken[path] = stamp;

    /// <summary>It has its verdict, or its trigger has one without it: no later process gives it again.</summary>
    public void Settle(string path, FileStamp stamp)
    {
        if (folder is not null) list?.Add(PictureFiles.Relative(folder, path), stamp);
    }

    /// <summary>Files that are gone need no memory. Of an empty folder nobody knows whether its disk is there.</summary>
    public void Keep(IReadOnlyCollection<string> present)
    {
        if (present.Count == 0) return;
        foreach (var gone in taken.Keys.Except(present, StringComparer.Ordinal).ToArray()) taken.TryRemove(gone, out _);
        if (folder is not null) list?.Keep(present.Select(path => PictureFiles.Relative(folder, path)).ToHashSet(StringComparer.Ordinal));
    }
}
