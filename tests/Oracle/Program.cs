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
root.SetAction(parsed =>
{
    var output = parsed.InvocationConfiguration.Output;
    try
    {
        var directory = parsed.GetValue(state)!.FullName;
        var account = Reconciler.Run(
            StationRecords.Read(directory),
            parsed.GetValue(heard) is { } h ? Subscriber.Read(File.ReadLines(h.FullName)) : null,
            parsed.GetValue(ledger) is { } l ? Ledger.Parse(File.ReadLines(l.FullName)) : [],
            parsed.GetValue(complete));
        output.WriteLine(account.Summary);
        foreach (var difference in account.Differences) output.WriteLine(difference);
        return account.Differences.Count == 0 ? 0 : 1;
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
    {
        parsed.InvocationConfiguration.Error.WriteLine(e.Message);
        return 2;
    }
});
return root.Parse(args).Invoke();
