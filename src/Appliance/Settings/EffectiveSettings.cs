using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Appliance.Settings;

/// <summary>One setting as it is in force.</summary>
/// <param name="Key">As in the file, <c>Cameras:0:Name</c>.</param>
/// <param name="Value">As text, without secrets; null where there is none.</param>
/// <param name="Owner">The options object that holds it.</param>
/// <param name="Property">Of the owner.</param>
internal sealed record EffectiveSetting(string Key, string? Value, object Owner, PropertyInfo Property)
{
    public object? Raw => Property.GetValue(Owner);
}

/// <summary>Takes an options object apart into settings, in the order of its declaration.</summary>
internal static class EffectiveSettings
{
    public static IEnumerable<EffectiveSetting> Of(object options, string? prefix = null)
    {
        foreach (var property in Settable(options.GetType()))
        {
            var key = prefix is null ? property.Name : $"{prefix}:{property.Name}";
            var value = property.GetValue(options);
            if (value is IList list)
            {
                for (var i = 0; i < list.Count; i++)
                    foreach (var one in Of(list[i]!, string.Create(CultureInfo.InvariantCulture, $"{key}:{i}"))) yield return one;
            }
            else if (value is null || IsSingle(value.GetType()))
            {
                yield return new(key, value is null ? null : Shown(value), options, property);
            }
            else
            {
                foreach (var one in Of(value, key)) yield return one;
            }
        }
    }

    /// <summary>What a file may set.</summary>
    public static IEnumerable<PropertyInfo> Settable(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite);

    /// <summary>One value, no group of settings.</summary>
    public static bool IsSingle(Type type) => type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan) || Nullable.GetUnderlyingType(type) is not null;

    /// <summary>As it is written in a file, without secrets.</summary>
    public static string Shown(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        string text => Secrets.Mask(text),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
