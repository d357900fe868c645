using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Appliance.Policies;
using Appliance.Training;
using Appliance.Web;
using Inference.Decisions;

namespace Appliance.CommandLine;

internal static class CompareCommand
{
    private const int MostPrinted = 50;

    public static Command Create()
    {
        var (url, json) = (StationClient.Url(), StationClient.Json());
        var (a, b) = (new Argument<string>("a") { Description = "model id, or its first characters" }, new Argument<string>("b") { Description = "the other one" });
        var command = new Command("compare", "Two models on the labelled parts that neither has seen: escapes, overkill, reviews, classes, and where they differ.") { a, b, json, url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var (first, second) = (await ModelCommands.FindAsync(client, parsed.GetValue(a)!), await ModelCommands.FindAsync(client, parsed.GetValue(b)!));
            var compared = await client.GetAsync($"/api/v1/models/compare?a={first}&b={second}", WebJson.Default.ModelComparison);
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(compared, WebJson.Default.ModelComparison));
            else Print(compared);
        }));
        return command;
    }

    private static void Print(ModelComparison c)
    {
        Console.WriteLine($"on        {c.Parts} labelled parts that neither has seen; {c.LeftOut} more are left out{(c.Differing > 0 ? $", {c.Differing} have labels that differ" : "")}");
        Line("model", Name(c.A), Name(c.B));
        Line("macro-F1", F1(c.A), F1(c.B));
        if (c is { A.Expected: { } x, B.Expected: { } y })
        {
            Line("escapes", Rate(x.Escape), Rate(y.Escape));
            Line("overkill", Rate(x.Overkill), Rate(y.Overkill));
            Line("review", Rate(x.GoodReviewed), Rate(y.GoodReviewed) + "  of good parts");
            Line("", Rate(x.BadReviewed), Rate(y.BadReviewed) + "  of bad parts");
        }

        foreach (var name in c.A.Recall.Keys) Line("recall", Rate(c.A.Recall[name]), Rate(c.B.Recall[name]) + "  of " + name);
        Console.WriteLine($"differ    on {c.Different} parts");
        foreach (var p in c.DifferentParts.Take(MostPrinted)) Console.WriteLine($"  {p.Part,-20} {p.Label,-16} {p.A.Word()} {p.ClassA} to {p.B.Word()} {p.ClassB}  {string.Join(' ', p.Samples.Take(3))}");
        if (c.Different > MostPrinted) Console.WriteLine($"  and {c.Different - MostPrinted} more; --json lists {c.DifferentParts.Count}");
    }

    private static void Line(string what, string a, string b) => Console.WriteLine($"{what,-9} {a,-32} {b}");

    private static string Name(ComparedModel m) => m.Model[..12] + (m.Live ? " (live)" : "");

    private static string F1(ComparedModel m) => m.MacroF1 is { } f1 ? f1.ToString("F3", CultureInfo.InvariantCulture) : "none";

    private static string Rate(RateEstimate r) => string.Create(CultureInfo.InvariantCulture, $"{r.Count} of {r.Of} ({r.Lower:P1} to {r.Upper:P1})");
}
