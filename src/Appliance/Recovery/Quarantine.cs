using System.Globalization;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>Where a repair moves what is damaged: <c>quarantine/TIME/</c> and then the path that it had. Nothing is ever deleted.</summary>
internal sealed class Quarantine(IFileSystem files, string state, DateTimeOffset at)
{
    /// <summary>From the state directory.</summary>
    public string Name { get; } = Path.Combine("quarantine", at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));

    /// <summary>Moves a file or a directory. Its new path, from the state directory.</summary>
    public string Move(string path)
    {
        var to = Target(path);
        files.Rename(path, Path.Combine(state, to));
        files.SyncDirectory(Path.GetDirectoryName(Path.Combine(state, to))!);
        files.SyncDirectory(Path.GetDirectoryName(path)!);
        return to;
    }

    /// <summary>Keeps a copy of a file that will be written anew.</summary>
    public void Copy(string path) => WholeFile.Write(files, Path.Combine(state, Target(path)), File.ReadAllBytes(path));

    private string Target(string path)
    {
        var to = Path.Combine(Name, Path.GetRelativePath(state, path));
        for (var again = 2; Path.Exists(Path.Combine(state, to)); again++)
            to = Path.Combine(Name, string.Create(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(state, path)}.{again}"));
        files.CreateDirectory(Path.GetDirectoryName(Path.Combine(state, to))!);
        return to;
    }
}
