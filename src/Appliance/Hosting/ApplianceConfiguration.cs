using System.Net;
using System.Text.Json;
using Appliance.Messaging;
using Appliance.Settings;
using Microsoft.Extensions.Configuration;

namespace Appliance.Hosting;

/// <summary>What was read, from where, and what is wrong with it. Options are there only where nothing is.</summary>
/// <param name="Path">Of the file, absolute.</param>
/// <param name="Values">Every value with the source that it comes from; null where the sources cannot be read.</param>
internal sealed record LoadedConfiguration(string Path, IConfigurationRoot? Values, ApplianceOptions? Options, IReadOnlyList<string> Errors);

/// <summary>Reads <c>appliance.json</c>, the environment and the command line into options, or says everything that is wrong with them at once.</summary>
internal static class ApplianceConfiguration
{
    /// <summary>Two underscores, as between the levels of a key: variables such as <c>APPLIANCE_URL</c> are no settings.</summary>
    public const string EnvironmentPrefix = "APPLIANCE__";

    /// <summary>Options with absolute paths, or the list of errors; never both.</summary>
    public static (ApplianceOptions? Options, IReadOnlyList<string> Errors) Load(string path, IEnumerable<string> settings) => Read(path, settings) is var read ? (read.Options, read.Errors) : default;

    /// <summary>As <see cref="Load"/>, with where each value comes from.</summary>
    public static LoadedConfiguration Read(string path, IEnumerable<string> settings)
    {
        var full = Path.GetFullPath(path);
        if (!File.Exists(full)) return Refused($"The configuration file {full} does not exist. Name one with --config FILE; deploy/appliance.json is an example.");
        var overrides = new Dictionary<string, string?>();
        foreach (var setting in settings)
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) return Refused($"--set '{Secrets.Mask(setting)}' is not KEY=VALUE, for example --set Mqtt:Port=1884.");
            overrides[setting[..equals]] = setting[(equals + 1)..];
        }

        IConfigurationRoot configuration;
        try
        {
            configuration = new ConfigurationBuilder().AddJsonFile(full, optional: false).AddEnvironmentVariables(EnvironmentPrefix).AddInMemoryCollection(overrides).Build();
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            var said = e.GetBaseException();
            return Refused($"{full} cannot be read: {(said is JsonException { LineNumber: { } line } ? $"from line {line + 1} on it is no JSON: " : "")}{said.Message}");
        }

        var wrong = ConfigurationSchema.Check(configuration, typeof(ApplianceOptions)).ToList();
        var options = Bind(configuration, wrong);
        if (options.Mqtt is { User: not null, PasswordFile: null }) options.Mqtt.PasswordFile = Secrets.Credential("mqtt-password");
        if (options.Mqtt.PasswordFile is { Length: > 0 } password) options.Mqtt.PasswordFile = Path.GetFullPath(password, Path.GetDirectoryName(full)!);
        List<string> errors = [.. MisspeltVariables(), .. wrong.Select(e => e.Text), .. Validate(options)];
        if (errors.Count > 0) return new(full, configuration, null, errors);
        options.StateDirectory = Path.GetFullPath(options.StateDirectory, Path.GetDirectoryName(full)!);
        options.Inspection.Backbone = Path.GetFullPath(options.Inspection.Backbone, AppContext.BaseDirectory);
        options.Training.Program = Path.GetFullPath(options.Training.Program, AppContext.BaseDirectory);
        return new(full, configuration, options, []);

        LoadedConfiguration Refused(string why) => new(full, null, null, [why]);
    }

    /// <summary>Every error in values of the right kind, each naming its key, the value it got and what it takes.</summary>
    public static IEnumerable<string> Validate(ApplianceOptions options)
    {
        foreach (var error in TopicNames.Validate("Station", options.Station)) yield return error;
        foreach (var error in TopicNames.Validate("Recipe", options.Recipe)) yield return error;
        if (!Uri.TryCreate(options.Listen, UriKind.Absolute, out var listen) || listen.Scheme != Uri.UriSchemeHttp || !IPAddress.TryParse(listen.Host, out _))
            yield return $"Listen is '{Secrets.Mask(options.Listen)}'; it takes http://ADDRESS:PORT, for example http://127.0.0.1:8080.";
        if (string.IsNullOrWhiteSpace(options.GoodClass)) yield return "GoodClass is empty; it takes the label that means a good part.";
        if (options.Cameras.Count == 0) yield return "Cameras is empty; it takes at least one, for example { \"Name\": \"cam1\", \"Source\": \"sim:plates\" }.";
        for (var i = 0; i < options.Cameras.Count; i++)
            foreach (var error in options.Cameras[i].Validate($"Cameras:{i}")) yield return error;
        foreach (var twice in options.Cameras.GroupBy(c => c.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
            yield return $"Cameras: the name '{twice.Key}' is used {twice.Count()} times; each camera takes its own.";
        foreach (var error in options.Http.Validate("Http")) yield return error;
        foreach (var error in options.Inspection.Validate("Inspection")) yield return error;
        foreach (var error in options.Inspection.ValidateLatency("Inspection", options.Cameras)) yield return error;
        foreach (var error in options.Mqtt.Validate("Mqtt")) yield return error;
        foreach (var error in options.Sampling.Validate("Sampling")) yield return error;
        foreach (var error in options.Retention.Validate("Retention")) yield return error;
        foreach (var error in options.Disk.Validate("Disk")) yield return error;
        foreach (var error in options.Training.Validate("Training")) yield return error;
        foreach (var error in options.Telemetry.Validate("Telemetry")) yield return error;
    }

    // Ignored in silence, it would be looked for long.
    private static IEnumerable<string> MisspeltVariables()
    {
        const string single = "APPLIANCE_";
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Order(StringComparer.Ordinal))
        {
            if (!name.StartsWith(single, StringComparison.Ordinal) || name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal)) continue;
            var key = name[single.Length..];
            if (key.Contains("__", StringComparison.Ordinal)) yield return $"The environment variable {name} is not read. Write {EnvironmentPrefix}{key}, with two underscores.";
        }
    }

    // Without the wrong places, so that what else is wrong is said at the same time.
    private static ApplianceOptions Bind(IConfiguration configuration, IReadOnlyList<ConfigurationError> wrong)
    {
        var sound = configuration.AsEnumerable().Where(p => p.Value is not null && !wrong.Any(e => p.Key == e.Path || p.Key.StartsWith(e.Path + ":", StringComparison.Ordinal)));
        return new ConfigurationBuilder().AddInMemoryCollection(sound).Build().Get<ApplianceOptions>() ?? new ApplianceOptions();
    }
}
