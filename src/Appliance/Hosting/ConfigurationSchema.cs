using System.Collections;
using System.ComponentModel;
using System.Reflection;
using Appliance.Settings;
using Microsoft.Extensions.Configuration;

namespace Appliance.Hosting;

/// <summary>What is wrong at one place of a configuration.</summary>
internal sealed record ConfigurationError(string Path, string Text);

/// <summary>Holds a configuration against the options classes: every key that nobody reads and every value of the wrong kind, with its place.</summary>
internal static class ConfigurationSchema
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static IEnumerable<ConfigurationError> Check(IConfiguration configuration, Type type) => CheckObject(configuration.GetChildren(), type);

    private static IEnumerable<ConfigurationError> CheckObject(IEnumerable<IConfigurationSection> children, Type type)
    {
        var known = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).ToList();
        foreach (var child in children)
        {
            var property = known.Find(p => string.Equals(p.Name, child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                yield return new(child.Path, $"{child.Path} is not a setting.{Hint(child.Key, known)}");
                continue;
            }

            foreach (var error in CheckValue(child, property.PropertyType, MayBeNull(property))) yield return error;
        }
    }

    private static IEnumerable<ConfigurationError> CheckValue(IConfigurationSection section, Type declared, bool mayBeNull)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        var children = section.GetChildren().ToList();
        if (section.Value is null && children.Count == 0)
            return mayBeNull ? [] : [new(section.Path, $"{section.Path} is null or empty; it takes {Describe(type)}. Leave it out for the default.")];
        if (IsList(type))
        {
            return section.Value is { Length: > 0 } || children.Any(c => !int.TryParse(c.Key, out _))
                ? [new(section.Path, $"{section.Path} is {Shown(section)}; it takes {Describe(type)}.")]
                : children.SelectMany(child => CheckValue(child, type.GetGenericArguments()[0], mayBeNull: false));
        }

        var converter = TypeDescriptor.GetConverter(type);
        var single = converter.CanConvertFrom(typeof(string));
        if (single == section.Value is null) return [new(section.Path, $"{section.Path} is {Shown(section)}; it takes {Describe(type)}.")];
        if (!single) return CheckObject(children, type);
        return Converts(converter, section.Value!) ? [] : [new(section.Path, $"{section.Path} is {Shown(section)}; it takes {Describe(type)}.")];
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

    // The context caches and is not safe for several threads.
    private static bool MayBeNull(PropertyInfo property)
    {
        lock (Nullability) return Nullability.Create(property).WriteState == NullabilityState.Nullable;
    }

    private static bool IsList(Type type) => type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type);

    private static string Hint(string name, IEnumerable<PropertyInfo> known) => NearestName.Of(name, known.Select(p => p.Name)) is { } near ? $" Did you mean '{near}'?" : "";

    private static string Shown(IConfigurationSection section) => section.Value is { } value ? $"'{Secrets.Mask(value)}'" : "a group of settings";

    private static string Describe(Type type) => type switch
    {
        { IsEnum: true } => "one of " + string.Join(", ", Enum.GetNames(type)),
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a duration such as 00:00:05",
        _ when type == typeof(double) || type == typeof(float) => "a number",
        _ when type.IsPrimitive => "a whole number",
        _ when type == typeof(string) => "text",
        _ when IsList(type) => "a list",
        _ => "a group of settings: " + string.Join(", ", type.GetProperties().Where(p => p.CanWrite).Select(p => p.Name)),
    };
}
