using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Journal;
using Inference.Decisions;

namespace Appliance.Replay;

/// <summary><c>appliance replay</c>: the proof of a verdict.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var state = JournalCommands.StateOption();
        var inspections = new Argument<string[]>("inspection") { Description = "epoch-sequence, as every verdict carries it, such as 3-1204", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "One JSON object a verdict." };
        var command = new Command(
            "replay", "Judges recorded verdicts again with the picture, model and policy that they name, and compares bit for bit. Reads only; the service may run. Exit code 0: all the same, 1: one differs, or is gone, or cannot be judged again, 2: no journal there, or what is asked for is no identity.")
        {
            inspections, state, json,
        };
        command.SetAction(parsed =>
        {
            var (directory, output, error) = (parsed.GetValue(state)!.FullName, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (!JournalCommands.HasJournal(directory, error)) return 2;
            List<InspectionId> wanted = [];
            foreach (var text in parsed.GetValue(inspections)!)
            {
                if (!InspectionId.TryParse(text, out var id))
                {
                    error.WriteLine($"'{text}' is no identity; it takes epoch-sequence, for example 3-1204.");
                    return 2;
                }

                wanted.Add(id);
            }

            return Run(directory, wanted, parsed.GetValue(json), output, error);
        });
        return command;
    }

    private static int Run(string state, IReadOnlyList<InspectionId> wanted, bool json, TextWriter output, TextWriter error)
    {
        try
        {
            using var replayer = new Replayer(state, wanted.Select(i => i.ToString()).ToHashSet(StringComparer.Ordinal));
            var same = true;
            foreach (var id in wanted)
            {
                var result = replayer.Replay(id);
                same &= result.Outcome == ReplayOutcome.Identical;
                if (json) output.WriteLine(JsonSerializer.Serialize(result, ReplayJson.Default.ReplayResult));
                else Print(result, output);
            }

            return same ? 0 : 1;
        }
        catch (JournalException e)
        {
            error.WriteLine(e.Message);
            return 1;
        }
    }

    private static void Print(ReplayResult result, TextWriter output)
    {
        var said = result.Outcome switch { ReplayOutcome.Identical => "identical", ReplayOutcome.Differs => "DIFFERS", ReplayOutcome.NotJudged => "not judged", _ => "gone" };
        output.WriteLine($"{result.Inspection,-14} {said,-10} {Say(result.Recorded)}{(result.Detail is null ? "" : "  " + result.Detail)}");
        if (result.Outcome == ReplayOutcome.Differs) output.WriteLine($"{"",-14} {"replayed",-10} {Say(result.Replayed)}");
        if (result.Picture is not null) output.WriteLine($"{"",-25} picture {result.Picture[..12]}, model {result.Model![..12]}, policy {result.Policy![..12]}");
    }

    private static string Say(Decision? decision) => decision is { } d
        ? string.Create(CultureInfo.InvariantCulture, $"{d.Verdict.Word()} {d.Class} {d.Probability:R} distance {d.Distance:R} {d.Reason}")
        : "";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ReplayResult))]
internal sealed partial class ReplayJson : JsonSerializerContext;
