using Inference.Preparation;
using System.Collections.Concurrent;

namespace Appliance.Capture.Folders;

/// <summary>
/// Pictures as they arrive in a folder, those that are there first. Inotify says what to look at; a rescan finds what it missed
/// (its queue overflowed, a folder was moved in whole). A file is given once its writer has closed it. One thread uses it.
/// </summary>
internal sealed class FolderWatch : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RescanEvery = TimeSpan.FromSeconds(5);

    private readonly string folder;
    private readonly ulong? shuffleSeed;
    private readonly FileSystemWatcher watcher;
    private readonly ConcurrentQueue<string> hints = new();
    private readonly SemaphoreSlim hinted = new(0);
    private readonly List<string> pending = [];
    private readonly TakenFiles taken;
    private long lastScan;
    private volatile bool scanDue;
    private bool scanned;

    /// <exception cref="SourceException">The folder is gone, or the kernel watches no more.</exception>
    public FolderWatch(string folder, ulong? shuffleSeed, TakenFiles taken)
    {
        (this.folder, this.shuffleSeed, this.taken) = (folder, shuffleSeed, taken);
        if (!Directory.Exists(folder)) throw Gone();
        watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true, NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite };
        watcher.Created += (_, change) => Hint(change.FullPath);
        watcher.Changed += (_, change) => Hint(change.FullPath);
        watcher.Renamed += (_, change) => Hint(change.FullPath);
        watcher.Error += (_, _) =>
        {
            scanDue = true;
            Signal();
        };
        try
        {
            watcher.EnableRaisingEvents = true;
            Scan();
        }
        catch (Exception exception)
        {
            Dispose();
            throw exception is IOException ? new SourceException($"Folder '{folder}' cannot be watched: {exception.Message}", exception) : exception;
        }
    }

    /// <summary>A picture that is complete, as its absolute path; null when there is none now. Each is given once in a watch, and again when it was written anew.</summary>
    /// <exception cref="SourceException">The folder is gone.</exception>
    public string? Next()
    {
        while (hints.TryDequeue(out var path)) Consider(path);
        if (Complete() is { } found) return found;
        if (!scanDue && Environment.TickCount64 - lastScan <= RescanEvery.TotalMilliseconds) return null;
        Scan();
        return Complete();
    }

    /// <summary>Blocks until there may be a picture. Touches no file.</summary>
    public void Wait(CancellationToken cancellation) => hinted.Wait(pending.Count > 0 ? Look : RescanEvery, cancellation);

    public void Dispose()
    {
        watcher.Dispose();
        hinted.Dispose();
    }

    private string? Complete()
    {
        for (var i = 0; i < pending.Count; i++)
        {
            var path = pending[i];
            var state = ArrivingFile.Look(path);
            if (state == ArrivingFile.State.Arriving) continue;
            pending.RemoveAt(i--);
            if (state == ArrivingFile.State.Complete && taken.IsNew(path)) return path;
        }

        return null;
    }

    private void Hint(string path)
    {
        hints.Enqueue(path);
        Signal();
    }

    private void Signal()
    {
        try
        {
            if (hinted.CurrentCount == 0) hinted.Release();
        }
        catch (ObjectDisposedException)
        {
            // The last word of a watcher that is being closed.
        }
    }

    private void Consider(string path)
    {
        if (Directory.Exists(path)) scanDue = true;
        else if (PictureFile.IsPicture(path) && !pending.Contains(path)) pending.Add(path);
    }

    private void Scan()
    {
        if (!Directory.Exists(folder)) throw Gone();
        scanDue = false;
        lastScan = Environment.TickCount64;
        try
        {
            var here = FolderIdentity.Of(folder);
            var present = PictureFiles.List(folder, scanned ? null : shuffleSeed);
            scanned = true;
            var waiting = pending.ToHashSet(StringComparer.Ordinal);
            pending.AddRange(present.Where(path => !waiting.Contains(path) && taken.IsNew(path)));
            taken.Keep(present, here);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"Folder '{folder}' cannot be read: {exception.Message}", exception);
        }
    }

    private SourceException Gone() => new($"Folder '{folder}' is gone; make it again.");
}
