using System.Globalization;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>Where a repair moves what is damaged: <c>quarantine/TIME/</c> and then the path that it had. Nothing is ever deleted.</summary>
internal sealed class Quarantine(IFileSystem files, string state, DateTimeOffset at)
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>From the state directory.</summary>
    public string Name { get; } = Path.Combine("quarantine", at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));

    /// <summary>A free place for a file or directory, from the state directory.</summary>
    public string PlaceFor(string path)
    {
        var to = Path.Combine(Name, Path.GetRelativePath(state, path));
        for (var again = 2; Path.Exists(Path.Combine(state, to)); again++)
            to = Path.Combine(Name, string.Create(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(state, path)}.{again}"));
        return to;
    }

    /// <summary>Moves a file or a directory to its place.</summary>
    public void Move(string path, string place)
    {
        var to = Prepare(place);
        files.Rename(path, to);
        files.SyncDirectory(Path.GetDirectoryName(to)!);
        files.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Keeps a copy of a file that will be changed. Its path, from the state directory.</summary>
    /// <param name="lengthBytes">Only its beginning; null for all of it.</param>
    public string Copy(string path, long? lengthBytes = null)
    {
        var place = PlaceFor(path);
        var to = Prepare(place);
        using var from = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using (var copy = files.CreateNew(to))
        {
            var buffer = new byte[ChunkBytes];
            for (var left = lengthBytes ?? long.MaxValue; left > 0 && from.Read(buffer, 0, (int)Math.Min(buffer.Length, left)) is var read and > 0; left -= read) copy.Write(buffer.AsSpan(0, read));
            copy.Sync();
        }
        files.SyncDirectory(Path.GetDirectoryName(to)!);
        return place;
    }

    private string Prepare(string place)
    {
        var to = Path.Combine(state, place);
        files.CreateDirectory(Path.GetDirectoryName(to)!);
        return to;
    }
}
