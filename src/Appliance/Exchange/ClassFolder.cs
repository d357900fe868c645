using System.Text;

namespace Appliance.Exchange;

/// <summary>Names of folders for classes, whatever these are called: <c>%</c>, slashes and a dot at the beginning are written as in an address.</summary>
internal static class ClassFolder
{
    private const int MostBytes = 200;

    public static string NameOf(string @class)
    {
        var name = @class.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal).Replace("\\", "%5C", StringComparison.Ordinal);
        if (name.StartsWith('.')) name = "%2E" + name[1..];
        while (Encoding.UTF8.GetByteCount(name) > MostBytes) name = name[..^1];
        return name;
    }

    public static string ClassOf(string folder) => Uri.UnescapeDataString(folder);
}
