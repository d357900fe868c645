using System.Collections;
using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Appliance.Hosting;

/// <summary>Holds a configuration against the options classes: every key that nobody reads and every value of the wrong kind, with its place.</summary>
internal static class ConfigurationSchema
{
    public static IEnumerable<string> Check(IConfiguration configuration, Type type) => CheckObject(configuration.GetChildren(), type);

    private static IEnumerable<string> CheckObject(IEnumerable<IConfigurationSection> children, Type type)
    {
        var known = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).ToList();
        foreach (var child in children)
        {
            var property = known.Find(p => string.Equals(p.Name, child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                yield return $"{child.Path} is not a setting.{NearestName.Hint(child.Key, known.Select(p => p.Name))}";
                continue;
            }

            foreach (var error in CheckValue(child, property.PropertyType)) yield return error;
        }
    }

    private static IEnumerable<string> CheckValue(IConfigurationSection section, Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type))
        {
            var item = type.GetGenericArguments()[0];
            return section.Value is { Length: > 0 } text
                ? [$"{section.Path} is '{text}'; it takes a list."]
                : section.GetChildren().SelectMany(child => CheckValue(child, item));
        }

        var converter = TypeDescriptor.GetConverter(type);
        if (!converter.CanConvertFrom(typeof(string))) return CheckObject(section.GetChildren(), type);
        if (section.Value is null) return section.GetChildren().Any() ? [$"{section.Path} holds several values; it takes one, {Describe(type)}."] : [];
        return Converts(converter, section.Value) ? [] : [$"{section.Path} is '{section.Value}'; it takes {Describe(type)}."];
    }

    private static bool Converts(TypeConverter converter, string value)
    {
        try
        {
            return converter.ConvertFromInvariantString(value) is not null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException || e.InnerException is FormatException or OverflowException)
        {
            return false;
        }
    }

    private static string Describe(Type type) => type switch
    {
        { IsEnum: true } => "one of " + string.Join(", ", Enum.GetNames(type)),
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a duration such as 00:00:05",
        _ when type == typeof(double) || type == typeof(float) => "a number",
        _ when type.IsPrimitive => "a whole number",
        _ => "text",
    };
}
