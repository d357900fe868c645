using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Appliance.Journal;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary><c>appliance verify</c> and <c>appliance repair</c>.</summary>
internal static class RecoveryCommands
{
    private const int ShownOfAKind = 5;

    public static Command Verify() => Create(
        "verify", "Checks all that a station keeps: journal, pictures, embeddings, models, index. Changes nothing; the service may run. Exit code 0: sound, or what is lost is named already, 1: something is wrong, 2: no journal there.",
        StateExamination.Look);

    public static Command Repair() => Create(
        "repair", "Puts right what can be put right, moves what is damaged to quarantine/, names in the journal what is lost, and makes the index anew. The service must not run. Exit code 0: done, 1: failed, 2: no journal there.",
        StateExamination.Repair);

    private static Command Create(string name, string description, Func<IFileSystem, string, TimeProvider, Progress, StateReport> run)
    {
        var (state, json) = (JournalCommands.StateOption(), new Option<bool>("--json") { Description = "one JSON object instead of words" });
        var command = new Command(name, description) { state, json };
        command.SetAction(parsed =>
        {
            var directory = parsed.GetValue(state)!.FullName;
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (!RestoreMark.IsSet(directory) && !JournalCommands.HasJournal(directory, error)) return 2;
            try
            {
                var report = run(LinuxFileSystem.Instance, directory, TimeProvider.System, new Progress(error));
                if (parsed.GetValue(json)) output.WriteLine(JsonSerializer.Serialize(report, RecoveryJson.Default.StateReport));
                else Print(report, output);
                return report.IsSound ? 0 : 1;
            }
            catch (Exception e) when (e is JournalException or IOException or UnauthorizedAccessException)
            {
                error.WriteLine(e.Message);
                return 1;
            }
        });
        return command;
    }

    private static void Print(StateReport report, TextWriter output)
    {
        foreach (var alike in report.Findings.GroupBy(f => (f.Area, f.Path, f.Remedy)))
        {
            foreach (var f in alike.Take(ShownOfAKind)) PrintOne(f, report, output);
            if (alike.Skip(ShownOfAKind).Any()) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{alike.Key.Area}: '{alike.Key.Path}': {alike.Count() - ShownOfAKind} more like it; --json has all"));
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"station {report.Station}: {report.Facts} facts, {report.Verdicts} verdicts, {report.Samples} samples, {report.Models} models{(report.IndexChecked ? "" : "; the index is in use by the service and was not checked")}"));
        if (report.Unfinished > 0) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Unfinished} files that were being written when a process was killed {(report.Repaired ? "are deleted" : "or that the service is writing: 'appliance repair' deletes what is left over")}"));
        output.WriteLine(Summary(report));
    }

    private static void PrintOne(Finding f, StateReport report, TextWriter output) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{f.Area}: '{f.Path}'{(f.Offset is { } at ? $" at byte {at}" : "")}: {f.Problem.TrimEnd('.')}; {f.Means}. {Done(f.Remedy, report.Repaired)}"));

    private static string Summary(StateReport report) => report switch
    {
        { Findings.Count: 0 } => "sound",
        { IsSound: false } => report.Repaired ? "not everything could be repaired" : "damaged: stop the service and run 'appliance repair', or bring a backup back with 'appliance restore'",
        { Repaired: true } => "repaired; what was damaged lies in quarantine/",
        _ => "sound, but for what earlier repairs have named",
    };

    private static string Done(Remedy remedy, bool repaired) => remedy switch
    {
        Remedy.Restored => repaired ? "Repaired." : "'appliance repair' restores it.",
        Remedy.Lost => repaired ? "Named in the journal." : "'appliance repair' goes on without it.",
        Remedy.Named => "Nothing is left to do.",
        _ => "No repair can help.",
    };
}
