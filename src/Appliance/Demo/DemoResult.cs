using System.Text;
using System.Text.Json.Serialization;
using Appliance.Journal;
using Appliance.Models;
using Inference.Decisions;

namespace Appliance.Demo;

/// <summary>What came out: printed as one JSON object by <c>--json</c>.</summary>
/// <param name="Triggers">Sent by the line.</param>
/// <param name="Inspections">Verdicts in the journal, read from disk after the service has stopped.</param>
/// <param name="Messages">Different verdicts that the subscriber got.</param>
/// <param name="Lost">Triggers without a verdict, and verdicts of the journal that the subscriber did not get.</param>
/// <param name="Duplicated">Triggers with two verdicts, and identities with two contents.</param>
internal sealed record DemoResult(
    int Triggers, int Inspections, int Messages, VerdictCounts Verdicts, int Lost, int Duplicated, int OutOfOrder, int Labels,
    IReadOnlyList<Swap> Swaps, ScorePair MacroF1, LatencyPair GrabToPublishMs, LatencyPair BareRunMs, int ExitCode)
{
    [JsonIgnore]
    public bool Balances => Lost == 0 && Duplicated == 0 && OutOfOrder == 0 && Triggers == Inspections && Inspections == Messages && ExitCode == 0;

    /// <summary>Compares what the subscriber got with what is on disk.</summary>
    public static DemoResult Gather(DemoScene scene, int exitCode)
    {
        var (balance, messages) = (scene.Reconciliation.Balance, scene.Reconciliation.Messages);
        var journal = ReadJournal(Path.Combine(scene.Directory, "state"));
        var unheard = journal.Count(r => !messages.ContainsKey(r.Key));
        var altered = journal.Count(r => messages.TryGetValue(r.Key, out var heard) && heard != r.Value);
        var models = scene.Score.Models;
        var before = scene.Score.Of(null);
        var after = models.Count == 0 ? (null, 0) : scene.Score.Of(models[^1]);
        var figures = scene.Status!.Inspections;
        return new DemoResult(
            balance.Triggers, journal.Count, balance.Messages,
            new(scene.Tally.Of(Verdict.Ok), scene.Tally.Of(Verdict.Ng), scene.Tally.Of(Verdict.Unsure), scene.Tally.Of(Verdict.Fault)),
            balance.Lost + unheard, balance.Duplicated + altered, balance.OutOfOrder, scene.Labels, scene.Status.Swaps,
            new(before.MacroF1, before.Parts, after.MacroF1, after.Parts),
            new(figures.PublishP50Ms, figures.PublishP99Ms), new(scene.Tally.BackboneMs(0.5), scene.Tally.BackboneMs(0.99)), exitCode);
    }

    private static Dictionary<(uint, ulong), string> ReadJournal(string state)
    {
        var records = new Dictionary<(uint, ulong), string>();
        foreach (var (id, json) in VerdictSegments.ReadAll(state)) records.Add((id.Epoch, id.Sequence), Encoding.UTF8.GetString(json.Span));
        return records;
    }
}

internal sealed record VerdictCounts(
    [property: JsonPropertyName("OK")] int Ok, [property: JsonPropertyName("NG")] int Ng,
    [property: JsonPropertyName("UNSURE")] int Unsure, [property: JsonPropertyName("FAULT")] int Fault);

/// <summary>Macro-F1 over first inspections of parts: before the first model, and of the last model.</summary>
internal sealed record ScorePair(double? Before, int PartsBefore, double? After, int PartsAfter);

internal sealed record LatencyPair(double P50, double P99);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DemoResult))]
internal sealed partial class DemoJson : JsonSerializerContext;
