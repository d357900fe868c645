namespace Trainer.CommandLine;

/// <summary>Where a command writes.</summary>
internal static class OutputPath
{
    /// <summary>The full path, with its directory made.</summary>
    public static string Of(string path)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        return full;
    }
}
