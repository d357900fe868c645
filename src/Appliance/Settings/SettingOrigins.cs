using System.Globalization;
using Appliance.Hosting;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace Appliance.Settings;

/// <summary>Where each value of a configuration comes from, in words: the last of file, environment and command line that has it.</summary>
internal sealed class SettingOrigins(LoadedConfiguration loaded)
{
    private readonly IReadOnlyDictionary<string, int> lines = JsonLines.Read(loaded.Path);

    public string Of(string key)
    {
        foreach (var provider in loaded.Values!.Providers.Reverse())
        {
            if (!provider.TryGet(key, out _)) continue;
            return provider switch
            {
                JsonConfigurationProvider => InFile(key),
                EnvironmentVariablesConfigurationProvider => "environment " + ApplianceConfiguration.EnvironmentPrefix + key.Replace(":", "__", StringComparison.Ordinal),
                _ => "--set",
            };
        }

        return "default";
    }

    private string InFile(string key)
    {
        var file = Path.GetFileName(loaded.Path);
        return lines.TryGetValue(key, out var line) ? string.Create(CultureInfo.InvariantCulture, $"{file}:{line}") : file;
    }
}
