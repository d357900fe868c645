using System.Text.RegularExpressions;
using Appliance.Messaging;

namespace Appliance.Web;

/// <summary>What the framework says of a parameter that it cannot read, in words for who sent it: it names types of the program, which are no help outside.</summary>
internal static partial class FailedBinding
{
    public static string Describe(string failure)
    {
        if (failure.StartsWith("Implicit body inferred", StringComparison.Ordinal)) return "The body is empty or null; docs/contract-http.md shows what it takes.";
        return Parameter().Match(failure) is { Success: true } p
            ? $"{p.Groups["name"]} is '{Printable.Shorten(p.Groups["value"].Value)}'; it takes {Kind(p.Groups["type"].Value)}, once."
            : failure;
    }

    private static string Kind(string type) => type switch
    {
        "bool" => "true or false",
        "int" or "long" => "a whole number",
        "DateTimeOffset" => "a time, for example 2026-03-02T06:00:00Z",
        _ => "another value",
    };

    [GeneratedRegex("""^Failed to bind parameter "(Nullable<)?(?<type>\w+)>? (?<name>\w+)" from "(?<value>.*)"\.$""", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Parameter();
}
