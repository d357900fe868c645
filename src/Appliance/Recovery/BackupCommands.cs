using System.CommandLine;
using System.Globalization;
using Appliance.CommandLine;
using Appliance.Journal;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary><c>appliance backup</c> and <c>appliance restore</c>.</summary>
internal static class BackupCommands
{
    public static Command Backup()
    {
        var state = JournalCommands.StateOption();
        var to = new Option<string>("--to") { Description = "File to write, or a directory to write it in.", Required = true };
        var command = new Command("backup", "Copies journal, samples and models into one tar, while the service runs or not. Under its name it is whole or absent. Exit code 0: done, 1: failed, or made and not complete, 2: no journal there.") { state, to };
        command.SetAction(parsed =>
        {
            var directory = parsed.GetValue(state)!.FullName;
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (!RestoreMark.IsSet(directory) && !JournalCommands.HasJournal(directory, error)) return ExitCodes.Usage;
            return Guard(error, () =>
            {
                var made = new Backup(LinuxFileSystem.Instance, directory, TimeProvider.System, new Progress(error)).Write(Path.GetFullPath(parsed.GetValue(to)!));
                foreach (var path in made.Missing) error.WriteLine($"'{path}' is missing or damaged, and so it is in the backup. 'appliance verify' says what it means.");
                foreach (var path in made.LeftOut) error.WriteLine($"'{path}' has a name that is none of a backup, and is left out. Give it another one, or remove it.");
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{made.Path}: {made.Files} files, {made.Bytes} bytes, station {made.Head.Station}, epoch {made.Head.Epoch}, facts up to {made.Head.LastFact}{(made.IsComplete ? "" : "; not complete")}"));
                return made.IsComplete;
            });
        });
        return command;
    }

    public static Command Restore()
    {
        var state = JournalCommands.StateOption();
        var from = new Option<FileInfo>("--from") { Description = "The backup.", Required = true };
        var replace = new Option<bool>("--replace") { Description = "Move a state that is there to DIR/replaced. The service must not run." };
        var station = new Option<string?>("--station") { Description = "The station that the backup must be of; without it, that of the state that is replaced." };
        var by = StationClient.By();
        var command = new Command("restore", "Makes a state directory from a backup, checks it and makes its index. Its next epoch is far above all that the original may have used. Exit code 0: done, 1: failed or refused, or restored and not sound.") { from, state, replace, station, by };
        command.SetAction(parsed =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            return Guard(error, () =>
            {
                var restore = new Restore(LinuxFileSystem.Instance, parsed.GetValue(from)!.FullName, parsed.GetValue(state)!.FullName, TimeProvider.System, new Progress(error));
                var done = restore.Run(parsed.GetValue(replace), parsed.GetValue(station), parsed.GetValue(by)!);
                foreach (var finding in done.Report.Findings) error.WriteLine($"{finding.Area}: '{finding.Path}': {finding.Problem}; {finding.Means}");
                if (done.OldState is { } old) output.WriteLine($"the state that was there lies in '{old}'");
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"restored station {done.Head.Station} as of {done.Head.TakenAt:yyyy-MM-dd HH:mm:ss'Z'}: {done.Report.Facts} facts, {done.Report.Verdicts} verdicts, {done.Report.Samples} samples; the next epoch is {done.NextEpoch}{(done.Report.IsSound ? "" : "; the backup is not sound: 'appliance repair' says what is lost")}"));
                return done.Report.IsSound;
            });
        });
        return command;
    }

    private static int Guard(TextWriter error, Func<bool> work)
    {
        try
        {
            return work() ? ExitCodes.Done : ExitCodes.Failed;
        }
        catch (Exception e) when (e is BackupException or JournalException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine(e.Message);
            return ExitCodes.Failed;
        }
    }
}
