using System.CommandLine;
using System.Globalization;

namespace Appliance.Journal;

/// <summary><c>appliance journal verify | show</c>: reads the files of a state directory, also while the service runs.</summary>
internal static class JournalCommands
{
    public static Option<DirectoryInfo> StateOption() => new("--state") { Description = "The state directory.", Required = true };

    public static Command Create() => new("journal", "Check or show the journal, the record of every verdict and every fact.") { Verify(), Show() };

    private static Command Verify()
    {
        var state = StateOption();
        var command = new Command("verify", "Check every record, checksum and link. Exit code 0: intact, 1: damaged, not to be read or of a newer version, 2: no journal there.") { state };
        command.SetAction(parsed =>
        {
            var directory = parsed.GetValue(state)!.FullName;
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (!HasJournal(directory, error)) return 2;
            if (IsNewer(directory, error)) return 1;
            if (Report(directory, error) is not { } report) return 1;
            foreach (var stream in report.Streams)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{stream.Stream}: {stream.Records} records in {stream.Segments} segments, {stream.LengthBytes} bytes{Tail(stream)}"));
                foreach (var lost in stream.Lost)
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stream.Stream}: damaged, repaired on {lost.RepairedAt:yyyy-MM-dd HH:mm:ss'Z'}, {lost.Count} records from {lost.FirstIndex} on are lost"));
                if (stream.Damage is { } damage)
                    error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stream.Stream}: damaged at byte {damage.Offset} of '{damage.Path}': {damage.What}"));
            }
            output.WriteLine(report.IsIntact ? "intact" : "damaged: 'appliance verify' says what it means");
            return report.IsIntact ? 0 : 1;
        });
        return command;
    }

    private static JournalReport? Report(string directory, TextWriter error)
    {
        try
        {
            return JournalVerifier.Verify(directory);
        }
        catch (Exception e) when (e is JournalException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine(e.Message);
            return null;
        }
    }

    private static Command Show()
    {
        var state = StateOption();
        var stream = new Option<string>("--stream") { Description = "facts or verdicts.", DefaultValueFactory = _ => "facts" };
        stream.AcceptOnlyFromAmong("facts", "verdicts");
        var from = new Option<string?>("--from") { Description = "Facts: number of the first record. Verdicts: the inspection to begin at, such as 3-1204." };
        var json = new Option<bool>("--json") { Description = "Only the records' JSON, one a line." };
        var command = new Command("show", "Print records in order.") { state, stream, from, json };
        command.SetAction(parsed =>
        {
            var directory = parsed.GetValue(state)!.FullName;
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (!HasJournal(directory, error)) return 2;
            if (IsNewer(directory, error)) return 1;
            var kind = parsed.GetValue(stream) == "facts" ? StreamKind.Facts : StreamKind.Verdicts;
            var printer = new RecordPrinter(SegmentFiles.Directory(directory, kind), kind, parsed.GetValue(json), output, error);
            return printer.Print(parsed.GetValue(from));
        });
        return command;
    }

    private static string Tail(StreamReport stream) => stream.TornTailBytes == 0
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $", and {stream.TornTailBytes} bytes of an unfinished write at the end");

    /// <summary>False, with a message, where there is none.</summary>
    public static bool HasJournal(string state, TextWriter error)
    {
        if (Directory.Exists(Path.Combine(state, "journal"))) return true;
        error.WriteLine($"There is no journal in '{state}'. Give the state directory of a station with --state.");
        return false;
    }

    private static bool IsNewer(string state, TextWriter error)
    {
        try
        {
            JournalHeaders.RefuseNewer(state);
            return false;
        }
        catch (JournalException e)
        {
            error.WriteLine(e.Message);
            return true;
        }
    }
}
