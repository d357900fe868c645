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
            return options is null ? ExitCodes.Usage : await StationHost.RunAsync(options, cancellation);
        });
        return command;
    }
}
