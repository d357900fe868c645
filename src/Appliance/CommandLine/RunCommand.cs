using System.CommandLine;
using Appliance.Hosting;

namespace Appliance.CommandLine;

internal static class RunCommand
{
    public static Command Create()
    {
        var config = new Option<FileInfo>("--config") { Description = "configuration file", DefaultValueFactory = _ => new FileInfo("appliance.json") };
        var set = new Option<string[]>("--set") { Description = "KEY=VALUE over the file and the environment, for example Mqtt:Port=1884; may be repeated" };
        var command = new Command("run", "Runs the service until it is told to stop. Environment variables such as APPLIANCE__Mqtt__Port=1884 go over the file, --set over both.") { config, set };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (options, errors) = ApplianceConfiguration.Load(parsed.GetValue(config)!.FullName, parsed.GetValue(set) ?? []);
            foreach (var error in errors) await Console.Error.WriteLineAsync(error);
            if (options is null) return ExitCodes.Usage;
            // Most of the start runs without a wait. Until this action has returned its task, the command line takes SIGTERM for its own, and ends with 143.
            await Task.Yield();
            return await StationHost.RunAsync(options, cancellation);
        });
        return command;
    }
}
