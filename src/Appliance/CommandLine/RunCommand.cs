using System.CommandLine;
using Appliance.Hosting;

namespace Appliance.CommandLine;

internal static class RunCommand
{
    public static Command Create()
    {
        var (config, set) = (ConfigurationCommands.Config(), ConfigurationCommands.Set());
        var command = new Command("run", "Runs the service until it is told to stop. Environment variables such as APPLIANCE__Mqtt__Port=1884 go over the file, --set over both.") { config, set };
        command.SetAction(async (parsed, cancellation) =>
        {
            var loaded = ConfigurationCommands.Read(parsed, config, set);
            if (loaded.Options is not { } options) return ExitCodes.Usage;
            // Most of the start runs without a wait. Until this action has returned its task, the command line takes SIGTERM for its own, and ends with 143.
            await Task.Yield();
            return await StationHost.RunAsync(options, new(loaded.Path, parsed.GetValue(set) ?? []), cancellation);
        });
        return command;
    }
}
