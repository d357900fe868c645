using System.CommandLine;
using System.Text.Json;
using Appliance.Diagnosis;

namespace Appliance.CommandLine;

internal static class DoctorCommand
{
    public static Command Create()
    {
        var (config, set, json) = (ConfigurationCommands.Config(), ConfigurationCommands.Set(), StationClient.Json());
        var command = new Command("doctor", "Looks at everything that a station needs, and says what to do. Where the service runs, it is asked; where it is stopped, cameras, broker and model are tried. Exit code 1 where something failed.") { config, set, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var loaded = ConfigurationCommands.Read(parsed, config, set);
            if (loaded.Options is not { } options) return ExitCodes.Usage;
            var examination = await new StationDoctor(options, loaded.Path).ExamineAsync(cancellation);
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(examination, DiagnosisJson.Default.Examination));
            else foreach (var finding in examination.Findings) Print(finding);
            return examination.Sound ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static void Print(Finding finding)
    {
        var outcome = finding.Outcome.ToString().ToLowerInvariant();
        Console.WriteLine($"{outcome,-8} {finding.About,-14} {finding.Seen}");
        if (finding.Advice is { } advice) Console.WriteLine($"{"",-8} {"",-14} -> {advice}");
    }
}
