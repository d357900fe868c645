using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using Appliance.CommandLine;
using Spectre.Console;

namespace Appliance.Demo;

internal static class DemoCommand
{
    public static Command Create()
    {
        var source = new Option<string?>("--source") { Description = "folder with one folder of photographs a class; plays line and operator (default: a simulated line)" };
        var parts = new Option<string?>("--parts") { Description = "CSV with file,class,part: which photographs show the same part (default: parts.csv in the folder)" };
        var seconds = NumberOption.Create("--seconds", "how long it runs (default: until Ctrl-C)", more: 0, most: 1_000_000);
        var rate = new Option<double>("--rate") { Description = "parts a second, 0.1 to 100", DefaultValueFactory = _ => 10 };
        var json = new Option<bool>("--json") { Description = "ends with one line, one JSON object" };
        var seed = new Option<int>("--seed") { Description = "of the simulated line or the order of the photographs", DefaultValueFactory = _ => 1 };
        var command = new Command("demo", "Shows the whole cycle on this machine: judge, label, train, swap, reconcile.") { source, parts, seconds, rate, json, seed };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = new DemoOptions(
                parsed.GetValue(source), parsed.GetValue(parts), parsed.GetValue(seconds), parsed.GetValue(rate), parsed.GetValue(json), parsed.GetValue(seed));
            if (options is not { RatePerSecond: >= 0.1 and <= 100 })
            {
                await Console.Error.WriteLineAsync("--rate takes 0.1 to 100.");
                return ExitCodes.Usage;
            }

            // The service does not hear that the terminal was closed.
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
            {
                signal.Cancel = true;
                ended.Cancel();
            });
            return await RunAsync(options, ended.Token);
        });
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellation)
    {
        try
        {
            var live = !options.Json && AnsiConsole.Profile.Capabilities.Ansi && !Console.IsOutputRedirected;
            var result = await new DemoRun(options, TimeProvider.System).RunAsync(
                scene => live ? new LiveView(scene, AnsiConsole.Console) : new PlainView(scene, options.Json ? Console.Error : Console.Out), cancellation);
            Console.WriteLine(options.Json ? JsonSerializer.Serialize(result, DemoJson.Default.DemoResult) : Words(result));
            return result.Balances ? ExitCodes.Done : ExitCodes.Failed;
        }
        catch (DemoException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Done;
        }
    }

    private static string Words(DemoResult r) => FormattableString.Invariant(
        $"""

        triggers {r.Triggers} = verdicts in the journal {r.Inspections} = messages received {r.Messages}: {(r.Balances ? "balanced" : "NOT BALANCED")} (lost {r.Lost}, duplicated {r.Duplicated}, out of order {r.OutOfOrder})
        macro-F1 {r.MacroF1.Before ?? 0:F2} before on {r.MacroF1.PartsBefore} parts, {r.MacroF1.After ?? 0:F2} after on {r.MacroF1.PartsAfter} parts that the model had not seen
        grab to publish {r.GrabToPublishMs.P50:F1} ms p50, {r.GrabToPublishMs.P99:F1} ms p99; model run {r.BareRunMs.P50:F1} ms p50, {r.BareRunMs.P99:F1} ms p99; {r.Swaps.Count} swaps, {r.Labels} labels
        """);
}
