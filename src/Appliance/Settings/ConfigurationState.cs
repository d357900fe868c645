namespace Appliance.Settings;

/// <summary>The configuration that is in force.</summary>
/// <param name="Hash">Over all its settings, without secrets.</param>
/// <param name="Errors">Of the file as it was last read again; not empty, the configuration before it stays in force.</param>
/// <param name="NeedRestart">Keys of settings that the file has otherwise, and that a restart takes over.</param>
internal sealed record ConfigurationView(string Hash, IReadOnlyList<string> Errors, IReadOnlyList<string> NeedRestart);

/// <summary>What is known of the configuration while the station runs. Written by the keeper, read by any thread.</summary>
internal sealed class ConfigurationState
{
    private volatile ConfigurationView view = new("", [], []);

    public ConfigurationView View
    {
        get => view;
        set => view = value;
    }

    /// <summary>What people should know of it; null where there is nothing.</summary>
    public string? Detail => view switch
    {
        { Errors.Count: > 0 } wrong => $"The configuration file is wrong, and the one before stays in force: {string.Join(' ', wrong.Errors)}",
        { NeedRestart.Count: > 0 } waiting => $"The configuration file has settings that a restart takes over: {string.Join(", ", waiting.NeedRestart)}.",
        _ => null,
    };
}
