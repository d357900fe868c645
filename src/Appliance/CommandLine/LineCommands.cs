using System.CommandLine;
using Appliance.Web;

namespace Appliance.CommandLine;

internal static class LineCommands
{
    public static Command Pause() => Create("pause", "Stops taking pictures and triggers, also over a restart, until 'appliance resume'. What was accepted before is judged.");

    public static Command Resume() => Create("resume", "Lets a paused line go on.");

    private static Command Create(string name, string description)
    {
        var (url, by) = (StationClient.Url(), StationClient.By());
        var why = new Option<string?>("--why") { Description = "the reason, for the record" };
        var command = new Command(name, description) { by, why, url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var body = new RequestBody(parsed.GetValue(by), parsed.GetValue(why));
            var line = await client.PostAsync("/api/v1/line/" + name, body, WebJson.Default.RequestBody, WebJson.Default.LineSwitched);
            Console.WriteLine($"{(line.Paused ? "paused" : "running")}, says {line.By}: {line.Why}");
        }));
        return command;
    }
}
