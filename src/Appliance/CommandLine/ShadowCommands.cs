using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Appliance.Journal;
using Appliance.Web;
using Inference.Decisions;

namespace Appliance.CommandLine;

internal static class ShadowCommands
{
    private const int MostPrinted = 20;

    public static Command Shadow()
    {
        var (url, json, by) = (StationClient.Url(), StationClient.Json(), StationClient.By());
        var why = new Option<string?>("--why") { Description = "the reason, for the record" };
        var model = new Argument<string?>("model") { Description = "model id, or its first characters; without one, the period that runs is shown", Arity = ArgumentArity.ZeroOrOne };
        var inspections = new Option<long?>("--inspections") { Description = "until so many were judged by both (default 1000)" };
        var hours = NumberOption.Create("--hours", "for so long");
        var promotes = new Option<bool>("--promote") { Description = "goes live at the end by itself, if it contradicts the live model seldom enough" };
        var own = new Option<bool>("--package-policy") { Description = "with the policy of its package; otherwise what a person set for the live model goes along" };
        var command = new Command("shadow", "Lets a model judge beside the live one, without a say, and lists where they differ; or shows the period that runs.") { model, inspections, hours, promotes, own, by, why, json, url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            if (parsed.GetValue(model) is { } prefix)
            {
                var body = new ShadowBody(parsed.GetValue(by), parsed.GetValue(why), parsed.GetValue(inspections), parsed.GetValue(hours), parsed.GetValue(promotes), parsed.GetValue(own));
                var begun = (await client.PostAsync($"/api/v1/models/{await ModelCommands.FindAsync(client, prefix)}/shadow", body, WebJson.Default.ShadowBody, WebJson.Default.ShadowView)).Begun;
                Console.WriteLine($"{begun.Model} judges beside {begun.Against}{(begun.Inspections > 0 ? $", for {begun.Inspections} inspections" : "")}{(begun.Until is { } until ? $", until {until:u}" : "")}");
                return;
            }

            var page = await client.GetAsync("/api/v1/models/shadow", WebJson.Default.ShadowPage);
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(page, WebJson.Default.ShadowPage));
            else if (page.Now is { } now) Print(now.Begun, now.Figures);
            else if (page.Ended is [var last, ..]) Print(last);
            else Console.WriteLine("No model is in its shadow period, and none was.");
        }));
        return command;
    }

    public static Command Dismiss()
    {
        var (url, by, why) = (StationClient.Url(), StationClient.By(), StationClient.Why());
        var command = new Command("dismiss", "Ends the shadow period; the live model stays. 'models promote' ends it the other way.") { by, why, url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client => Print(await client.PostAsync(
            "/api/v1/models/shadow/dismiss", new ChangeBody(parsed.GetValue(by), parsed.GetValue(why)), WebJson.Default.ChangeBody, WebJson.Default.ShadowEnded))));
        return command;
    }

    private static void Print(ShadowBegun begun, ShadowFigures figures)
    {
        Console.WriteLine($"model     {begun.Model}, since {begun.At.ToString("u", CultureInfo.InvariantCulture)} by {begun.By}: {begun.Why}");
        Console.WriteLine($"beside    {begun.Against}");
        Console.WriteLine($"ends      {(begun.Inspections > 0 ? $"after {begun.Inspections} inspections" : "")}{(begun.Until is { } until ? $" at {until:u}" : "")}; {(begun.Promotes ? "goes live by itself if it contradicts seldom enough" : "then a person decides")}");
        Print(figures);
    }

    private static void Print(ShadowEnded ended)
    {
        Console.WriteLine($"model     {ended.Model}, {ended.Outcome} {ended.At.ToString("u", CultureInfo.InvariantCulture)} by {ended.By}");
        Console.WriteLine($"          {ended.Reason}");
        Print(ended.Figures);
    }

    private static void Print(ShadowFigures figures)
    {
        Console.WriteLine($"judged    {figures.Judged} by both, {figures.Agreed} alike, {figures.Contradicted} contradicted (OK against NG)");
        foreach (var (change, count) in figures.Changed) Console.WriteLine($"{count,8}  {change}");
        foreach (var d in figures.Newest.Take(MostPrinted))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {d.Inspection,-14} {d.GrabbedAt:u}  {d.Live.Word()} {d.LiveClass} to {d.Candidate.Word()} {d.CandidateClass} {d.Probability:F3}  part {d.Part ?? "unknown"}"));
        if (figures.Newest.Count > MostPrinted) Console.WriteLine($"  and {figures.Newest.Count - MostPrinted} more; --json lists them");
    }
}
