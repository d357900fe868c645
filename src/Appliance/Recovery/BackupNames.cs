namespace Appliance.Recovery;

/// <summary>Names of files in a backup: paths from the state directory, of what a backup has and nothing else. What is written is what is read.</summary>
internal static class BackupNames
{
    private static readonly string[] Roots = ["journal", "pictures", "embeddings", "evidence", "models", "backbones"];
    private static readonly string[] Single = [BackupHead.FileName, BackupHead.SumsName, "outbox.json"];

    public static bool Accepts(string name)
    {
        var parts = name.Split('/');
        var plain = parts.All(p => p.Length > 0 && p[0] != '.' && p.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'));
        return plain && (parts.Length == 1 ? Single.Contains(parts[0]) : Roots.Contains(parts[0]));
    }
}
