using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Appliance.Hosting;
using Appliance.Journal;

namespace Appliance.Settings;

/// <summary>Holds configurations against each other, setting by setting.</summary>
internal static class ConfigurationDifference
{
    /// <summary>SHA-256 over all settings, secrets left out, lower-case hex.</summary>
    public static string HashOf(ApplianceOptions options) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(EffectiveSettings.Of(options).Select(s => $"{s.Key}={s.Value}\n")))));

    /// <summary>What is in force and was not recorded.</summary>
    /// <param name="recorded">Values by key, as the journal has them.</param>
    public static IReadOnlyList<SettingChange> Since(IReadOnlyDictionary<string, string> recorded, ApplianceOptions options)
    {
        var now = EffectiveSettings.Of(options).ToDictionary(s => s.Key, s => s.Value, StringComparer.Ordinal);
        return [.. now.Keys.Union(recorded.Keys).Select(key => new SettingChange(key, recorded.GetValueOrDefault(key), now.GetValueOrDefault(key))).Where(change => change.Before != change.After)];
    }

    /// <summary>Takes over what may change while running.</summary>
    /// <returns>What was changed, and the keys of what differs and waits for a restart.</returns>
    public static (IReadOnlyList<SettingChange> Changed, IReadOnlyList<string> Waiting) Apply(ApplianceOptions live, ApplianceOptions fresh)
    {
        var (changed, waiting) = (new List<SettingChange>(), new List<string>());
        var old = EffectiveSettings.Of(live).ToDictionary(s => s.Key, StringComparer.Ordinal);
        foreach (var setting in EffectiveSettings.Of(fresh))
        {
            old.Remove(setting.Key, out var was);
            if (was is not null && Equals(was.Raw, setting.Raw)) continue;
            if (was is null || setting.Property.GetCustomAttribute<ReloadableAttribute>() is null)
            {
                waiting.Add(setting.Key);
                continue;
            }

            setting.Property.SetValue(was.Owner, setting.Raw);
            changed.Add(new(setting.Key, was.Value, setting.Value));
        }

        waiting.AddRange(old.Keys);
        return (changed, waiting);
    }
}
