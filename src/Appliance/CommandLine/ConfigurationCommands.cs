using System.CommandLine;
using Appliance.Hosting;
using Appliance.Settings;

namespace Appliance.CommandLine;

/// <summary>Looks at a configuration without starting anything.</summary>
internal static class ConfigurationCommands
{
    public static Command Create() => new("config", "The configuration: whether it is right, and what is in force.") { Check(), Show() };

    /// <summary>The file, as <c>run</c> takes it.</summary>
    public static Option<FileInfo> Config() => new("--config") { Description = "configuration file", DefaultValueFactory = _ => new FileInfo("appliance.json") };

    /// <summary>Settings over the file, as <c>run</c> takes them.</summary>
    public static Option<string[]> Set() => new("--set") { Description = "KEY=VALUE over the file and the environment, for example Mqtt:Port=1884; may be repeated" };

    /// <summary>Options, or null with every error said.</summary>
    public static LoadedConfiguration Read(ParseResult parsed, Option<FileInfo> config, Option<string[]> set)
    {
        var loaded = ApplianceConfiguration.Read(parsed.GetValue(config)!.FullName, parsed.GetValue(set) ?? []);
        foreach (var error in loaded.Errors) Console.Error.WriteLine(error);
        return loaded;
    }

    private static Command Check()
    {
        var (config, set) = (Config(), Set());
        var command = new Command("check", "Says everything that is wrong with a configuration, and what may be a mistake. Exit code 2 where 'run' would refuse it.") { config, set };
        command.SetAction(parsed =>
        {
            var loaded = Read(parsed, config, set);
            if (loaded.Options is not { } options) return ExitCodes.Usage;
            foreach (var warning in ConfigurationWarnings.Of(options, loaded.Path)) Console.Error.WriteLine("Warning: " + warning);
            Console.WriteLine($"{loaded.Path} is right.");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var (config, set) = (Config(), Set());
        var command = new Command("show", "Every setting in force, and where its value comes from: default, file with its line, environment or --set. Secrets are not shown.") { config, set };
        command.SetAction(parsed =>
        {
            var loaded = Read(parsed, config, set);
            if (loaded.Options is not { } options) return ExitCodes.Usage;
            var origins = new SettingOrigins(loaded);
            var settings = EffectiveSettings.Of(options).ToList();
            var (key, value) = (settings.Max(s => s.Key.Length), settings.Max(s => Math.Min(40, (s.Value ?? "(none)").Length)));
            foreach (var s in settings) Console.WriteLine($"{s.Key.PadRight(key)}  {(s.Value ?? "(none)").PadRight(value)}  {origins.Of(s.Key)}");
            return ExitCodes.Done;
        });
        return command;
    }
}
