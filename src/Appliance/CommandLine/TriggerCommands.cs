using System.CommandLine;
using System.Text.Json;
using Appliance.Inspection;
using Appliance.Messaging;
using Appliance.Web;

namespace Appliance.CommandLine;

internal static class TriggerCommands
{
    public static Command Create()
    {
        var url = StationClient.Url();
        var id = new Option<string?>("--id") { Description = "id of the trigger; the same id again gets the same verdict again" };
        var camera = new Option<string?>("--camera") { Description = "camera, where the station has several" };
        var part = new Option<string?>("--part") { Description = "id of the part" };
        var recipe = new Option<string?>("--recipe") { Description = "product being made" };
        var deadline = new Option<int?>("--deadline-ms") { Description = "milliseconds until FAULT, 1 to 600000 (default: the station's Inspection:Deadline)" };
        var command = new Command("trigger", "Inspects one part now and prints its verdict.") { url, id, camera, part, recipe, deadline };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var body = new TriggerCommand(parsed.GetValue(id), parsed.GetValue(camera), parsed.GetValue(part), parsed.GetValue(recipe), parsed.GetValue(deadline));
            var verdict = await client.PostAsync("/api/v1/triggers", body, WebJson.Default.TriggerCommand, VerdictJson.Default.VerdictMessage);
            Console.WriteLine(JsonSerializer.Serialize(verdict, VerdictJson.Default.VerdictMessage));
        }));
        return command;
    }
}
