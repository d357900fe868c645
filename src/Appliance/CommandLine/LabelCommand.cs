using System.CommandLine;
using Appliance.Web;

namespace Appliance.CommandLine;

internal static class LabelCommand
{
    public static Command Create()
    {
        var url = StationClient.Url();
        var by = StationClient.By();
        var sample = new Argument<string>("sample") { Description = "sample id, for example 3-1204" };
        var label = new Argument<string>("class") { Description = "what it shows, for example scratch" };
        var command = new Command("label", "Says what a sample shows. A relabel keeps what was said before.") { sample, label, by, url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var id = parsed.GetValue(sample)!;
            var fact = await client.PostAsync(
                $"/api/v1/samples/{Uri.EscapeDataString(id)}/label", new LabelBody(parsed.GetValue(label), parsed.GetValue(by)),
                WebJson.Default.LabelBody, WebJson.Default.SampleLabelled);
            Console.WriteLine($"{fact.Sample} is '{fact.Label}'{(fact.Before is { } before ? $" (was '{before}')" : "")}, says {fact.By}");
            if (fact.NewClass == true)
                Console.WriteLine($"'{fact.Label}' is a new class: no sample had it before. If that is a slip of the pen, label {fact.Sample} again.");
        }));
        return command;
    }
}
