namespace Appliance.Settings;

/// <summary>Where the configuration was read, so that it can be read again.</summary>
/// <param name="Path">Of the file, absolute.</param>
/// <param name="Settings">Of the command line, KEY=VALUE; they stay.</param>
internal sealed record ConfigurationSource(string Path, IReadOnlyList<string> Settings);
