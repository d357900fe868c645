using System.Collections.Concurrent;

namespace Appliance.Capture.Folders;

/// <summary>
/// Which files of a watched folder were given already, and how many of them wait for judgement. Outlives one opening of the folder; with a list
/// also the process, for those that have their verdict. Any thread.
/// </summary>
/// <param name="room">How many may wait.</param>
internal sealed class TakenFiles(string camera, int room, TakenLists? lists = null)
{
    private readonly ConcurrentDictionary<string, FileStamp> taken = new(StringComparer.Ordinal);
    private TakenList? list;
    private string? folder;
    // Where the last file that was given lay; null before the first.
    private FolderIdentity? home;

    /// <summary>Never disposed: frames come back after their source is gone.</summary>
    public SemaphoreSlim Room { get; } = new(room);

    /// <summary>The folder is opened: what an earlier process has inspected there counts as given.</summary>
    /// <exception cref="IOException">The disk does not say what that was.</exception>
    public void Begin(string watched)
    {
        if (folder is not null || lists is null) return;
        list = lists.Open(camera, watched);
        foreach (var (name, stamp) in list.Read()) taken.TryAdd(Path.Combine(watched, name), stamp);
        folder = watched;
    }

    /// <summary>False where this content was given before.</summary>
    public bool IsNew(string path) => !taken.TryGetValue(path, out var before) || before != FileStamp.Of(path);

    /// <param name="stamp">Its stamp before it was read: one that was written anew meanwhile is another.</param>
    /// <param name="from">The folder that it was read from.</param>
    public void Take(string path, FileStamp stamp, FolderIdentity? from)
    {
        taken[path] = stamp;
        home = from;
    }

    /// <summary>It has its verdict, or its trigger has one without it: no later process gives it again.</summary>
    /// <param name="frame">Its picture, one holder more: it keeps its place until the file is on the list.</param>
    public void Settle(string path, FileStamp stamp, Frame frame)
    {
        if (folder is not null && list is not null) lists!.Add(list, PictureFiles.Relative(folder, path), stamp, frame);
        else frame.Dispose();
    }

    /// <summary>Files that are gone need no memory. Where none is left, they are gone only if the folder is still the one that the last was read from: its disk may be away.</summary>
    /// <param name="watched">The folder that was looked into.</param>
    public void Keep(IReadOnlyCollection<string> present, FolderIdentity? watched)
    {
        if (present.Count == 0 && (watched is null || watched != home)) return;
        foreach (var gone in taken.Keys.Except(present, StringComparer.Ordinal).ToArray()) taken.TryRemove(gone, out _);
        if (folder is not null) list?.Keep(present.Select(path => PictureFiles.Relative(folder, path)).ToHashSet(StringComparer.Ordinal));
    }
}
