using System.CommandLine;
using Appliance.Web;

namespace Appliance.CommandLine;

internal static class LabelsCommands
{
    public static Command Create() => new("labels", "Labels as a whole: take back what somebody said, or what was said in a period.") { Disputed(), Undo() };

    private static Command Disputed()
    {
        var url = StationClient.Url();
        var command = new Command("disputed", "Samples on which people say different things: the label that holds, and the last word of each. Whoever was wrong labels again, or a third person settles it; 'appliance labels undo' takes back what somebody said.") { url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var found = 0;
            for (string? next = "/api/v1/samples?disputed=true&limit=500"; next is not null;)
            {
                var page = await client.GetAsync(next, WebJson.Default.SamplePage);
                foreach (var sample in page.Samples) Console.WriteLine($"  {sample.Sample,-14} {sample.Label,-16} {string.Join(", ", LastWords(sample))}");
                (found, next) = (found + page.Samples.Count, page.Next);
            }

            if (found == 0) Console.WriteLine("Nobody disagrees on a sample.");
        }));
        return command;
    }

    private static IEnumerable<string> LastWords(SampleView sample) =>
        sample.History.Where(h => h.Undone is null).GroupBy(h => h.By, StringComparer.Ordinal).Select(g => $"{g.Key} says '{g.Last().Label}'");

    private static Command Undo()
    {
        var (url, by) = (StationClient.Url(), StationClient.By());
        var of = new Option<string?>("--of") { Description = "whose labels are meant" };
        var since = new Option<DateTimeOffset?>("--since") { Description = "labels from this time on, for example 2026-03-02T06:00:00Z" };
        var until = new Option<DateTimeOffset?>("--until") { Description = "labels up to this time" };
        var why = new Option<string>("--why") { Description = "the reason, for the record", Required = true };
        var yes = new Option<bool>("--yes") { Description = "do it; without, it is only said what that would mean" };
        var command = new Command("undo", "Undoes labels of a person or a period, and trains without them. Says first what that means; nothing is deleted from the history.") { of, since, until, why, by, yes, url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var body = new UndoBody(parsed.GetValue(by), parsed.GetValue(why), parsed.GetValue(of), parsed.GetValue(since), parsed.GetValue(until), !parsed.GetValue(yes));
            Print(await client.PostAsync("/api/v1/labels/undo", body, WebJson.Default.UndoBody, WebJson.Default.UndoView));
        }));
        return command;
    }

    private static void Print(UndoView view)
    {
        var result = view.Result;
        if (result.Labels == 0)
        {
            Console.WriteLine("No label is meant by that, or they are undone already.");
            return;
        }

        Console.WriteLine($"{result.Labels} labels of {result.Samples} samples {(view.Done ? "are undone" : "would be undone")}: {string.Join(", ", result.Classes.Select(c => $"{c.Value} '{c.Key}'"))}");
        Console.WriteLine($"{result.Unlabelled} samples {(view.Done ? "have" : "would have")} no label any more, the others keep an earlier or another person's one");
        foreach (var model in result.Models) Console.WriteLine($"model {model[..12]} was trained with some of them{(model == result.Live ? ", and is live" : "")}");
        Console.WriteLine(!view.Done ? "Nothing was changed. Add --yes to do it." : "A head is trained without them; 'appliance status' shows how it comes out. Until then the live model goes on.");
    }
}
