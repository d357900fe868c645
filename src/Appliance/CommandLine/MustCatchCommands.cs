using System.CommandLine;
using System.Globalization;
using Appliance.Models.MustCatch;
using Appliance.Web;

namespace Appliance.CommandLine;

internal static class MustCatchCommands
{
    public static Command Create() => new("mustcatch", "Escapes that no model may pass again: the must-catch list.") { Add(), List(), Remove() };

    private static Command Add() => Change("add", "Puts a sample on the list that people have labelled bad.", "is on the must-catch list");

    private static Command Remove() => Change("remove", "Takes a sample off the list.", "is off the must-catch list");

    private static Command List()
    {
        var url = StationClient.Url();
        var command = new Command("list", "The samples on the list; '!' marks those with a problem.") { url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var page = await client.GetAsync("/api/v1/must-catch", WebJson.Default.MustCatchPage);
            foreach (var s in page.Samples) Print(s);
            if (page.Samples.Count == 0) Console.WriteLine("The list is empty.");
        }));
        return command;
    }

    private static Command Change(string name, string description, string done)
    {
        var (url, by, why) = (StationClient.Url(), StationClient.By(), StationClient.Why());
        var sample = new Argument<string>("sample") { Description = "sample id, such as 3-1204" };
        var command = new Command(name, description) { sample, by, why, url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var changed = await client.PostAsync(
                $"/api/v1/must-catch/{Uri.EscapeDataString(parsed.GetValue(sample)!)}/{name}", new ChangeBody(parsed.GetValue(by), parsed.GetValue(why)),
                WebJson.Default.ChangeBody, WebJson.Default.MustCatchSample);
            Console.WriteLine($"{changed.Sample} {done}");
            if (name == "add" && changed.Problem is { } problem) Console.WriteLine("! " + problem);
        }));
        return command;
    }

    private static void Print(MustCatchSample s)
    {
        Console.WriteLine($"{(s.Problem is null ? ' ' : '!')} {s.Sample,-14} {s.Label ?? "unlabelled",-16} part {s.Part ?? "unknown"}, {s.At.ToString("u", CultureInfo.InvariantCulture)} by {s.By}: {s.Why}");
        if (s.Problem is { } problem) Console.WriteLine("    " + problem);
    }
}
