using System.CommandLine;
using System.Text.Json;
using Oracle;

var state = new Option<DirectoryInfo>("--state") { Description = "The station's state directory.", Required = true };
var heard = new Option<FileInfo?>("--heard") { Description = "What a subscriber got: one 'TOPIC PAYLOAD' a line, as 'mosquitto_sub -v -t inspection/STATION/#' prints." };
var ledger = new Option<FileInfo?>("--ledger") { Description = "What the line asked for and was told, one JSON object a line; see Ledger.cs." };
var complete = new Option<bool>("--complete") { Description = "Everything asked must have an outcome: nobody was killed while asking." };
var root = new RootCommand(
    """
    Reconciles, inspection by inspection, what was triggered, what the journal says, what the subscriber got and what the line was told. Names every difference.
    Exit code 0: none, 1: differences, 2: something cannot be read.
    Example: oracle --state state --heard heard.txt --ledger ledger.jsonl
    """) { state, heard, ledger, complete };
root.SetAction(parsed => Tell(parsed, () =>
{
    var account = Reconciler.Run(
        StationRecords.Read(parsed.GetValue(state)!.FullName),
        parsed.GetValue(heard) is { } h ? Subscriber.Read(File.ReadLines(h.FullName)) : null,
        parsed.GetValue(ledger) is { } l ? Ledger.Parse(File.ReadLines(l.FullName)) : [],
        parsed.GetValue(complete));
    return (account.Summary, account.Differences);
}));

var pictures = new Option<DirectoryInfo>("--pictures") { Description = "The folder that the cameras read.", Required = true };
var recompute = new Command("recompute", "Judges every picture again, by the model and policy that its verdict names. Exit codes as above.") { state, pictures };
recompute.SetAction(parsed => Tell(parsed, () => Recomputation.Run(parsed.GetValue(state)!.FullName, parsed.GetValue(pictures)!.FullName)));
root.Add(recompute);
return root.Parse(args).Invoke();

static int Tell(ParseResult parsed, Func<(string Summary, IReadOnlyList<string> Differences)> find)
{
    try
    {
        var (summary, differences) = find();
        parsed.InvocationConfiguration.Output.WriteLine(summary);
        foreach (var difference in differences) parsed.InvocationConfiguration.Output.WriteLine(difference);
        return differences.Count == 0 ? 0 : 1;
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
    {
        parsed.InvocationConfiguration.Error.WriteLine(e.Message);
        return 2;
    }
}
