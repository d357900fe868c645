using Inference.Parts;

namespace Appliance.Capture.Folders;

/// <summary>
/// Photographs from a folder and the folders below it: once, <c>loop=true</c> over and over, or <c>watch=true</c> also those that arrive later, none of which is ever dropped.
/// <c>shuffle=SEED</c> mixes the order (anew in every round), <c>parts=FILE</c> names the parts; without it a part is the file's path without extension.
/// </summary>
internal sealed class FolderSource : IFrameSource
{
    public static readonly SourceKey[] Keys =
    [
        new("loop", SourceKeyKind.Switch),
        new("watch", SourceKeyKind.Switch),
        new("shuffle", SourceKeyKind.Whole, 0, long.MaxValue),
        new("parts", SourceKeyKind.Text),
    ];

    private readonly string folder;
    private readonly bool loop;
    private readonly ulong? shuffle;
    private readonly PictureReader reader;
    private readonly FolderWatch? watch;
    private readonly TakenFiles taken;
    private string? arrived;
    private (string Path, FileStamp Stamp, FolderIdentity? From)? given;
    private string[] files = [];
    private int next;
    private ulong round;

    public FolderSource(SourceUrl url, CameraOptions options, TimeProvider time, TakenFiles taken)
    {
        Url = url.Shown;
        folder = Path.GetFullPath(url.Target);
        loop = url.Switch("loop");
        this.taken = taken;
        shuffle = url.Text("shuffle") is null ? null : (ulong)url.Whole("shuffle", 0);
        reader = new PictureReader(folder, options.Name, Parts(url), time);
        if (url.Switch("watch"))
        {
            taken.Begin(folder);
            watch = new FolderWatch(folder, shuffle, taken);
            return;
        }

        List();
        if (files.Length == 0) throw new SourceException($"Folder '{folder}' holds no pictures; put some there, or add 'watch=true' to wait for them.");
    }

    public string Url { get; }

    public bool IsLive => false;

    public bool IsOnce => !loop && watch is null;

    public static IEnumerable<string> WrongTarget(SourceUrl url)
    {
        if (url.Target.Length == 0) yield return "The folder is missing: 'folder:PATH'.";
        else if (File.Exists(url.Target)) yield return $"'{url.Target}' is a file; a folder is needed.";
        else if (!Directory.Exists(url.Target)) yield return $"Folder '{Path.GetFullPath(url.Target)}' does not exist.";
        else if (PartsPath(url) is { } parts && !File.Exists(parts)) yield return $"Parts list '{url.Text("parts")}' is neither in the folder nor in the working directory.";
        if (url.Switch("watch") && url.Switch("loop")) yield return "'watch' and 'loop' exclude each other; keep one.";
    }

    /// <inheritdoc/>
    /// <remarks>A file that has arrived is a part that waits for its verdict: nothing may push it out, so the next is read once there is room.</remarks>
    public bool IsReady()
    {
        if (watch is null) return true;
        if (given is { } one) taken.Take(one.Path, one.Stamp, one.From);
        given = null;
        arrived ??= watch.Next();
        return arrived is not null && taken.Room.CurrentCount > 0;
    }

    public void AwaitNews(CancellationToken cancellation)
    {
        if (arrived is null)
        {
            watch?.Wait(cancellation);
            return;
        }

        taken.Room.Wait(cancellation);
        taken.Room.Release();
    }

    public Frame? Grab(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (watch is not null) return Arrived();
        if (next == files.Length)
        {
            if (!loop) return null;
            List();
            if (files.Length == 0) throw new SourceException($"Folder '{folder}' holds no pictures any more.");
        }

        return reader.Read(files[next++]);
    }

    public void Dispose() => watch?.Dispose();

    private Frame Arrived()
    {
        var path = arrived ?? throw new InvalidOperationException("Nothing has arrived.");
        var stamp = FileStamp.Of(path);
        given = (path, stamp, FolderIdentity.Of(folder));

        // Its place is taken once it is read: a call that hangs must not keep one.
        var hasPlace = false;
        Frame? frame = null;
        frame = reader.Read(
            path,
            read =>
            {
                read.Picture.Dispose();
                if (hasPlace) taken.Room.Release();
            },
            () => taken.Settle(path, stamp, frame!.Hold()));
        hasPlace = taken.Room.Wait(0, CancellationToken.None);
        arrived = null;
        return frame;
    }

    private static string? PartsPath(SourceUrl url)
    {
        if (url.Text("parts") is not { } name) return null;
        var inside = Path.Combine(url.Target, name);
        return File.Exists(inside) ? inside : name;
    }

    private static IReadOnlyDictionary<string, string>? Parts(SourceUrl url)
    {
        try
        {
            return PartsPath(url) is { } path ? PartsFile.Read(path) : null;
        }
        catch (PartsFileException e)
        {
            throw new SourceException(e.Message, e);
        }
    }

    private void List()
    {
        try
        {
            files = PictureFiles.List(folder, shuffle + round++);
            next = 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"Folder '{folder}' cannot be read: {exception.Message}", exception);
        }
    }
}
