using Appliance.Capture;

namespace Appliance.Settings;

/// <summary>What must not be read by others: passwords in files of their own, and addresses of cameras with a user and password in them.</summary>
internal static class Secrets
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    private const UnixFileMode GroupAndOthers = Others | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>A value for people: an address is shown without user and password, and that of a stream without its query.</summary>
    public static string Mask(string value)
    {
        if (!IsSecret(value)) return value;
        var url = SourceUrl.Parse(value);
        return url.IsStream ? url.Shown + " (user, password and query are not shown)" : value[..(value.IndexOf("://", StringComparison.Ordinal) + 3)] + "(not shown)" + value[value.LastIndexOf('@')..];
    }

    /// <summary>Whether a value carries, or may carry, a password.</summary>
    public static bool IsSecret(string value)
    {
        var authority = value.IndexOf("://", StringComparison.Ordinal);
        return authority >= 0 && (value.LastIndexOf('@') > authority || (value.Contains('?', StringComparison.Ordinal) && SourceUrl.Parse(value).IsStream));
    }

    /// <summary>The file of a credential that systemd hands to its unit; null where there is none, or only an empty line, as the unit gives in place of a missing one.</summary>
    public static string? Credential(string name)
    {
        if (Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is not { Length: > 0 } directory) return null;
        var file = Path.Combine(directory, name);
        return File.Exists(file) && !IsEmpty(file) ? file : null;
    }

    /// <summary>Whether a file has nothing in its first line, where a password stands. Of one that cannot be read nobody knows: who needs it tells why it cannot.</summary>
    public static bool IsEmpty(string file)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault() is not { Length: > 0 };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Why a file with a password is open to too many; null where it is not, or not there.</summary>
    public static string? OpenTo(string file) => Open(file, GroupAndOthers, "its group or others may read or write it", "600");

    /// <summary>As <see cref="OpenTo"/>, for a file that a group of its own may read.</summary>
    public static string? OpenToOthers(string file) => Open(file, Others, "everybody may read or write it", "640");

    private static string? Open(string file, UnixFileMode too, string what, string mode) => new FileInfo(file) is { Exists: true } there && (there.UnixFileMode & too) != 0
        ? $"{file} holds a password, and {what}. Change that with: chmod {mode} {file}"
        : null;
}
