using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Appliance.CommandLine;

/// <summary>Help that ends with lines to copy.</summary>
internal sealed class HelpExamples(SynchronousCommandLineAction standard) : SynchronousCommandLineAction
{
    /// <summary>By the command's path; those of the root stand in its description.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> ByCommand = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["appliance run"] = ["appliance run --config /etc/appliance/appliance.json", "appliance run --set Mqtt:Port=1884 --set Listen=http://127.0.0.1:0"],
        ["appliance config"] = ["appliance config check --config /etc/inspection-appliance/appliance.json", "appliance config show"],
        ["appliance config check"] = ["appliance config check --config /etc/inspection-appliance/appliance.json", "appliance config check --set Mqtt:Port=1884"],
        ["appliance config show"] = ["appliance config show --config /etc/inspection-appliance/appliance.json"],
        ["appliance doctor"] = ["appliance doctor --config /etc/inspection-appliance/appliance.json", "appliance doctor --json"],
        ["appliance demo"] = ["appliance demo --seconds 60", "appliance demo --source photographs --parts parts.csv --json"],
        ["appliance status"] = ["appliance status", "appliance status --json --url http://127.0.0.1:8081"],
        ["appliance trigger"] = ["appliance trigger", "appliance trigger --id line-000017 --camera cam1 --part 4711 --deadline-ms 800"],
        ["appliance pause"] = ["appliance pause --by anna --why 'tool change'"],
        ["appliance resume"] = ["appliance resume --by anna --why 'tool changed'"],
        ["appliance label"] = ["appliance label 3-1204 scratch --by anna"],
        ["appliance labels"] = ["appliance labels disputed", "appliance labels undo --of anna --since 2026-03-02T06:00:00Z --why 'took stains for scratches'"],
        ["appliance labels disputed"] = ["appliance labels disputed"],
        ["appliance labels undo"] =
        [
            "appliance labels undo --of anna --since 2026-03-02T06:00:00Z --until 2026-03-02T14:00:00Z --why 'took stains for scratches'",
            "appliance labels undo --of anna --since 2026-03-02T06:00:00Z --until 2026-03-02T14:00:00Z --why 'took stains for scratches' --by karl --yes",
        ],
        ["appliance evidence"] = ["appliance evidence 3-1204 --out 3-1204.png"],
        ["appliance import"] = ["appliance import photographs --by anna", "appliance import photographs --csv photographs/samples.csv --by anna --new-classes"],
        ["appliance export"] = ["appliance export photographs"],
        ["appliance train"] = ["appliance train --by anna"],
        ["appliance models"] = ["appliance models list"],
        ["appliance models list"] = ["appliance models list"],
        ["appliance models show"] = ["appliance models show 3fa9"],
        ["appliance models compare"] = ["appliance models compare 3fa9 81c0", "appliance models compare 3fa9 81c0 --json"],
        ["appliance models shadow"] =
        [
            "appliance models shadow 3fa9 --inspections 2000 --by anna --why 'new lamp'",
            "appliance models shadow 3fa9 --hours 8 --promote --by anna --why 'a shift beside the old one'",
            "appliance models shadow",
        ],
        ["appliance models dismiss"] = ["appliance models dismiss --by anna --why 'passes stains'"],
        ["appliance mustcatch"] = ["appliance mustcatch list", "appliance mustcatch add 3-1204 --by anna --why 'passed, and came back from the customer'"],
        ["appliance mustcatch add"] = ["appliance mustcatch add 3-1204 --by anna --why 'passed, and came back from the customer'"],
        ["appliance mustcatch list"] = ["appliance mustcatch list"],
        ["appliance mustcatch remove"] = ["appliance mustcatch remove 3-1204 --by anna --why 'the drawing allows it now'"],
        ["appliance models promote"] = ["appliance models promote 3fa9 --by anna --why 'the old one passes scratches'"],
        ["appliance models rollback"] = ["appliance models rollback --by anna --why 'scratches passed'"],
        ["appliance policy"] = ["appliance policy show", "appliance policy propose --max-escape 0.5% --out policy.json", "appliance policy apply policy.json --by anna --why 'an escape at the customer'"],
        ["appliance policy show"] = ["appliance policy show"],
        ["appliance policy propose"] =
        [
            "appliance policy propose --max-escape 0.5% --out policy.json",
            "appliance policy propose --escape-cost 200 --reject-cost 5 --review-cost 0.5 --reviews-per-hour 30 --parts-per-hour 1200 --bad-share 2% --out policy.json",
        ],
        ["appliance policy whatif"] = ["appliance policy whatif policy.json --days 3"],
        ["appliance policy apply"] = ["appliance policy apply policy.json --by anna --why 'an escape at the customer'"],
        ["appliance keys"] = ["appliance keys list"],
        ["appliance keys add"] = ["appliance keys add plc1 --role line --by anna"],
        ["appliance keys list"] = ["appliance keys list", "appliance keys list --key-file /etc/inspection-appliance/manage.key"],
        ["appliance keys revoke"] = ["appliance keys revoke plc1 --by anna --why 'the controller was replaced'"],
        ["appliance journal"] = ["appliance journal verify --state /var/lib/inspection-appliance"],
        ["appliance journal verify"] = ["appliance journal verify --state /var/lib/inspection-appliance"],
        ["appliance journal show"] = ["appliance journal show --state /var/lib/inspection-appliance --stream verdicts --from 3-1204 --json"],
        ["appliance replay"] = ["appliance replay 3-1204 --state /var/lib/inspection-appliance", "appliance replay 3-1204 3-1205 --state /var/lib/inspection-appliance --json"],
        ["appliance verify"] = ["appliance verify --state /var/lib/inspection-appliance", "appliance verify --state /var/lib/inspection-appliance --json"],
        ["appliance repair"] = ["appliance repair --state /var/lib/inspection-appliance"],
        ["appliance backup"] = ["appliance backup --state /var/lib/inspection-appliance --to /mnt/backup"],
        ["appliance restore"] = ["appliance restore --from /mnt/backup/station1-20260302T060000Z.tar --state /var/lib/inspection-appliance --replace"],
    };

    public override bool ClearsParseErrors => true;

    public static RootCommand AddTo(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpExamples((SynchronousCommandLineAction)help.Action!);
        return root;
    }

    /// <summary>Path of a command, such as <c>appliance models list</c>.</summary>
    public static string PathOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : "appliance";

    public override int Invoke(ParseResult parseResult)
    {
        var code = standard.Invoke(parseResult);
        if (!ByCommand.TryGetValue(PathOf(parseResult.CommandResult.Command), out var examples)) return code;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in examples) output.WriteLine("  " + example);
        return code;
    }
}
