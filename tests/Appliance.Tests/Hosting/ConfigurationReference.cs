using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Appliance.Hosting;
using Appliance.Settings;

namespace Appliance.Tests.Hosting;

/// <summary>Writes docs/configuration.md: descriptions from the options' documentation, ranges from what their own checks say when they refuse, defaults from a new object.</summary>
internal sealed partial class ConfigurationReference
{
    private static readonly object[] Extremes = ["", "\u0001", int.MinValue, int.MaxValue, long.MinValue, long.MaxValue, -1e300, 1e300, TimeSpan.MinValue, TimeSpan.MaxValue];
    private readonly Dictionary<string, XElement> documentation = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "appliance.xml")).Descendants("member").ToDictionary(m => (string)m.Attribute("name")!);

    public static string File { get; } = Path.Combine(ApplianceProgram.RepositoryRoot, "docs/configuration.md");

    public string Text()
    {
        var text = new StringBuilder("""
            # Configuration

            The service reads `appliance.json`; the environment (`APPLIANCE__Mqtt__Port=1884`) goes over it, and `--set Mqtt:Port=1884` over both. `appliance config check` says everything that is wrong with it,
            `appliance config show` what is in force and where each value comes from. `systemctl reload inspection-appliance` (SIGHUP) reads the
            file again: settings marked under *reload* change at once, the others are named and wait for a restart, and a wrong file changes nothing. Durations are `[days.]hours:minutes:seconds`. A relative path starts at the folder of the file, unless it says otherwise here.

            This page is written from the program, by `Appliance.Tests --filter-method '*Write_TheReference*' --explicit only`.

            """);
        var root = new ApplianceOptions { Cameras = [new()], Inspection = { Region = new() } };
        Section(text, "The station", root, null, "");
        foreach (var group in EffectiveSettings.Settable(typeof(ApplianceOptions)).Where(p => !EffectiveSettings.IsSingle(p.PropertyType)))
        {
            var value = group.GetValue(root)!;
            var list = value as System.Collections.IList;
            Section(text, group.Name, list?[0] ?? value, list is null ? group.Name : group.Name + ":0", list is null ? "" : "A list, of one such group an entry. ");
        }

        return text.ToString();
    }

    /// <summary>What a setting takes, in the words in which a wrong value is refused; null where no value is refused.</summary>
    public static string? Takes(string key, PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        foreach (var extreme in Extremes.Where(e => e.GetType() == type || (type == typeof(float) && e is double)))
        {
            var options = new ApplianceOptions { Cameras = [new()], Inspection = { Region = new() { WidthPx = 1, HeightPx = 1 } } };
            var owner = EffectiveSettings.Of(options).Single(s => s.Key == key).Owner;
            property.SetValue(owner, extreme);
            foreach (var said in ApplianceConfiguration.Validate(options).Where(e => Concerns(e, key)))
                if (Range().Match(said) is { Success: true } match) return match.Groups[1].Value;
        }

        return null;
    }

    // A group may be refused as a whole.
    private static bool Concerns(string error, string key) =>
        error.StartsWith(key + " ", StringComparison.Ordinal) || (key.LastIndexOf(':') is > 0 and var colon && error.StartsWith(key[..colon] + " ", StringComparison.Ordinal));

    private void Section(StringBuilder text, string title, object options, string? prefix, string note)
    {
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"## {title}").AppendLine().AppendLine(note + Summary("T:" + options.GetType().FullName)).AppendLine();
        text.AppendLine("| key | takes | default | reload | |").AppendLine("|---|---|---|---|---|");
        foreach (var s in EffectiveSettings.Of(options, prefix).Where(s => prefix is not null || s.Owner == options))
        {
            var value = s.Value is { Length: > 0 } && s.Owner is not Appliance.Inspection.RegionOptions ? $"`{s.Value}`" : "";
            text.AppendLine(CultureInfo.InvariantCulture, $"| `{s.Key}` | {Kind(s)} | {value} | {(s.Property.GetCustomAttribute<ReloadableAttribute>() is null ? "" : "yes")} | {Describe(s.Property)} |");
        }
    }

    private static string Kind(EffectiveSetting setting)
    {
        var type = Nullable.GetUnderlyingType(setting.Property.PropertyType) ?? setting.Property.PropertyType;
        return Takes(setting.Key, setting.Property) ?? type switch
        {
            { IsEnum: true } => string.Join(", ", Enum.GetNames(type)),
            _ when type == typeof(bool) => "true, false",
            _ when type == typeof(string) => "text",
            _ => "",
        };
    }

    /// <summary>Empty where it is not documented.</summary>
    public string Describe(PropertyInfo property) => Summary($"P:{property.DeclaringType!.FullName}.{property.Name}");

    private string Summary(string member) => documentation.TryGetValue(member, out var found) && found.Element("summary") is { } summary
        ? Spaces().Replace(string.Concat(summary.Nodes().Select(Words)), " ").Trim().Replace("|", "\\|", StringComparison.Ordinal)
        : "";

    private static string Words(XNode node) => node switch
    {
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see => $"`{((string)see.Attribute("cref")!).Split('.')[^1]}`",
        XElement other => other.Value,
        _ => node.ToString(SaveOptions.DisableFormatting).Replace("&amp;", "&", StringComparison.Ordinal),
    };

    [GeneratedRegex("; it takes (.+)\\.$")]
    private static partial Regex Range();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
