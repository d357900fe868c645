using Inference.Preparation;
using System.Collections.Concurrent;

namespace Appliance.Capture.Folders;

/// <summary>
/// Pictures as they arrive in a folder, those that are there first. Inotify says what to look at; a rescan finds what it missed
/// (its queue overflowed, a folder was moved in whole). A file is taken once its writer has closed it. One thread calls <see cref="Next"/>.
/// </summary>
internal sealed class FolderWatch : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RescanEvery = TimeSpan.FromSeconds(5);

    private readonly string folder;
    private readonly FileSystemWatcher watcher;
    private readonly ConcurrentQueue<string> hints = new();
    private readonly SemaphoreSlim hinted = new(0);
    private readonly List<string> pending = [];
    private readonly TakenFiles taken;
    private long lastScan;
    private volatile bool scanDue;

    public FolderWatch(string folder, ulong? shuffleSeed, TakenFiles taken)
    {
        this.folder = folder;
        this.taken = taken;
        watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true, NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite };
        watcher.Created += (_, change) => Hint(change.FullPath);
        watcher.Changed += (_, change) => Hint(change.FullPath);
        watcher.Renamed += (_, change) => Hint(change.FullPath);
        watcher.Error += (_, _) =>
        {
            scanDue = true;
            hinted.Release();
        };
        watcher.EnableRaisingEvents = true;
        Scan(shuffleSeed);
    }

    /// <summary>Blocks until a picture is complete; its absolute path. Each is given once, and again when it was written anew.</summary>
    /// <exception cref="SourceException">The folder is gone.</exception>
    public string Next(CancellationToken cancellation)
    {
        while (true)
        {
            while (hints.TryDequeue(out var path)) Consider(path);
            for (var i = 0; i < pending.Count; i++)
            {
                var path = pending[i];
                var state = ArrivingFile.Look(path);
                if (state == ArrivingFile.State.Arriving) continue;
                pending.RemoveAt(i--);
                if (state != ArrivingFile.State.Complete || !taken.IsNew(path)) continue;
                taken.Take(path);
                return path;
            }

            if (scanDue || Environment.TickCount64 - lastScan > RescanEvery.TotalMilliseconds)
            {
                Scan(null);
                if (pending.Count > 0) continue;
            }

            hinted.Wait(pending.Count > 0 ? Look : RescanEvery, cancellation);
        }
    }

    public void Dispose()
    {
        watcher.Dispose();
        hinted.Dispose();
    }

    private void Hint(string path)
    {
        hints.Enqueue(path);
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

    private void Scan(ulong? shuffleSeed)
    {
        if (!Directory.Exists(folder)) throw new SourceException($"Folder '{folder}' is gone; make it again and restart.");
        scanDue = false;
        lastScan = Environment.TickCount64;
        try
        {
            var present = PictureFiles.List(folder, shuffleSeed);
            var waiting = pending.ToHashSet(StringComparer.Ordinal);
            pending.AddRange(present.Where(path => !waiting.Contains(path) && taken.IsNew(path)));
            taken.Keep(present);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"Folder '{folder}' cannot be read: {exception.Message}", exception);
        }
    }
}
