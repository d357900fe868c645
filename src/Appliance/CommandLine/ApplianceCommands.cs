using System.CommandLine;
using Appliance.Demo;
using Appliance.Journal;
using Appliance.Recovery;
using Appliance.Replay;

namespace Appliance.CommandLine;

/// <summary>The command line of the appliance.</summary>
internal static class ApplianceCommands
{
    public static RootCommand Root() => HelpExamples.AddTo(StationClient.AddKeyFile(new(
        """
        The Inspection Appliance: looks at every part, says OK or NG, and learns from corrections.

        Examples:
          appliance run --config appliance.json
          appliance run --config appliance.json --set Mqtt:Port=1884
          appliance demo --seconds 60
          appliance config check --config appliance.json
          appliance doctor --config appliance.json
          appliance status
          appliance pause --by anna --why 'tool change'
          appliance label 3-1204 scratch --by anna
          appliance train --by anna
          appliance models list
          appliance policy propose --max-escape 0.5% --out policy.json
          appliance verify --state /var/lib/inspection-appliance

        Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
        """)
    {
        RunCommand.Create(),
        ConfigurationCommands.Create(),
        DoctorCommand.Create(),
        DemoCommand.Create(),
        StatusCommand.Create(),
        TriggerCommands.Create(),
        LineCommands.Pause(),
        LineCommands.Resume(),
        LabelCommand.Create(),
        EvidenceCommand.Create(),
        LabelsCommands.Create(),
        ImportCommand.Create(),
        ExportCommand.Create(),
        TrainCommand.Create(),
        ModelCommands.Create(),
        PolicyCommands.Create(),
        MustCatchCommands.Create(),
        KeyCommands.Create(),
        ReplayCommand.Create(),
        JournalCommands.Create(),
        RecoveryCommands.Verify(),
        RecoveryCommands.Repair(),
        BackupCommands.Backup(),
        BackupCommands.Restore(),
    }));
}
