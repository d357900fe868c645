using System.Text.RegularExpressions;

namespace Appliance.Messaging;

/// <summary>Names that are safe as one level of an MQTT topic and as a file name: 1 to 64 letters, digits, <c>-</c> or <c>_</c>.</summary>
internal static partial class TopicNames
{
    public const int LengthLimit = 64;

    public const string Rule = "1 to 64 letters, digits, '-' or '_'";

    public static bool IsSafe(string? name) => name is not null && Pattern().IsMatch(name);

    /// <summary>The error of a name, or none.</summary>
    public static IEnumerable<string> Validate(string key, string? name)
    {
        if (!IsSafe(name)) yield return $"{key} is '{Printable.Shorten(name)}'; it takes {Rule}, as it becomes a level of MQTT topics.";
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex Pattern();
}
