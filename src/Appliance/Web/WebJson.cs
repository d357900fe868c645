using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Appliance.Capture;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Messaging;
using Appliance.Models;
using Appliance.Training;

namespace Appliance.Web;

/// <summary>What a sample shows, and who says so.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record LabelBody(string? Label, string? By);

/// <summary>Who asks for something, and why.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RequestBody(string? By, string? Why = null);

/// <summary>Who asks for a change, and why: both stand in the journal for good.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ChangeBody(string? By, string? Why);

/// <summary>Labels to undo.</summary>
/// <param name="LabelledBy">Whose; null for everybody's.</param>
/// <param name="Preview">Only say what it would mean.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record UndoBody(string? By, string? Why, string? LabelledBy = null, DateTimeOffset? Since = null, DateTimeOffset? Until = null, bool Preview = false);

/// <summary>What became of an imported picture.</summary>
/// <param name="Outcome">kept, found, labelled (it was there without a label) or differs (it was there with another label, which stays).</param>
internal sealed record ImportView(string Outcome, string Sample, string? Label);

/// <summary>What undoing labels means; <see cref="Done"/> where it was done.</summary>
internal sealed record UndoView(Samples.UndoResult Result, bool Done, bool TrainingRequested);

/// <summary>Which policy a model goes live with.</summary>
/// <param name="PackagePolicy">The one of its package, whatever a person set for the live model; otherwise that goes along.</param>
/// <param name="OverrideMustCatch">Who asks answers for must-catch samples that it passes, or that cannot be judged.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PromoteBody(string? By, string? Why, bool? PackagePolicy = null, bool? OverrideMustCatch = null);

/// <summary>A shadow period to begin.</summary>
/// <param name="Inspections">1 to 10000000; 1000 where neither is said.</param>
/// <param name="Hours">More than 0, up to 720. Whichever comes first ends it.</param>
/// <param name="Promotes">Whether the candidate goes live at its end by itself, if it contradicts the live model seldom enough.</param>
/// <param name="PackagePolicy">Judges by the policy of its package, whatever a person set for the live model.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ShadowBody(string? By, string? Why, long? Inspections = null, double? Hours = null, bool? Promotes = null, bool? PackagePolicy = null);

/// <summary>Who asks for a change that may put something before the must-catch list, and why.</summary>
/// <param name="OverrideMustCatch">Who asks answers for must-catch samples that pass by it, or that cannot be judged.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record OverridingBody(string? By, string? Why, bool? OverrideMustCatch = null);

/// <summary>A policy to make live with the live model.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PolicyChange(Inference.Decisions.DecisionPolicy? Policy, string? By, string? Why, bool? OverrideMustCatch = null);

/// <summary>A policy to try on what was kept.</summary>
/// <param name="Since">From the first sample on that was grabbed then or later, in the order of the journal, with all that came after it, also under a clock that was set back; null for all.</param>
/// <param name="Limit">Changed verdicts shown, 0 to 1000; 100 where it is not said.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PolicyTrial(Inference.Decisions.DecisionPolicy? Policy, DateTimeOffset? Since = null, int? Limit = null);

/// <summary>One sample, as shown to people and tools.</summary>
/// <param name="Why">verdict, audit (passed as OK, and kept by chance) or import.</param>
/// <param name="Uncertainty">How much a label would tell, 0 to 1.</param>
/// <param name="Disputed">Whether people say different things of it; <paramref name="History"/> tells who says what.</param>
internal sealed record SampleView(
    string Sample, string Camera, string? Part, string Recipe, string? Source, string Verdict, string? Class, float Probability, string Reason,
    string? Model, DateTimeOffset GrabbedAt, string Why, double Uncertainty, string? Label, string? LabelledBy, DateTimeOffset? LabelledAt, bool Disputed,
    IReadOnlyList<Samples.LabelEntry> History, string? Picture);

/// <summary>Why a sample is NG or UNSURE, by place.</summary>
/// <param name="Of">The class that it speaks for; null where the part is unlike anything seen.</param>
/// <param name="Against">The good class; null likewise.</param>
/// <param name="Score">The logit of the one less that of the other; or the square of the distance.</param>
/// <param name="Bias">The part of the score that no place has.</param>
/// <param name="Region">The pixels of the picture over which the grid lies.</param>
/// <param name="Stored">False where it was computed for this answer.</param>
internal sealed record EvidenceView(
    string Sample, string Model, string? Of, string? Against, float Score, float Bias, EvidencePeak Peak, IReadOnlyList<Inference.Evidence.StageShare> Stages,
    Inference.Preparation.Region Region, Inference.Evidence.EvidenceGrid Grid, bool Stored);

/// <summary>The strongest place, in pixels of the picture, and what it has of the score.</summary>
internal sealed record EvidencePeak(double X, double Y, float Value);

/// <param name="Labels">How many samples a class; unlabelled ones under the empty name.</param>
/// <param name="Next">Address of the page behind; null at the end.</param>
internal sealed record SamplePage(IReadOnlyList<SampleView> Samples, IReadOnlyDictionary<string, int> Labels, string? Next);

/// <summary>One model in the store.</summary>
/// <param name="Pictures">Labelled pictures that its figures are of, each judged by a head that had not seen its part.</param>
/// <param name="Parts">Parts that they show.</param>
internal sealed record ModelView(
    string Model, bool Live, IReadOnlyList<string> Classes, string? Parent, DateTimeOffset CreatedAt, string CreatedBy, IReadOnlyDictionary<string, double> Metrics,
    int Pictures, int Parts);

/// <summary>One model.</summary>
/// <param name="Policy">The one that it is live with; of a model that is not live, the one of its package.</param>
/// <param name="PackagePolicy">Whether that is the one of its package.</param>
internal sealed record ModelDetail(
    ModelView Model, IReadOnlyList<string> Choices, Inference.Decisions.DecisionPolicy Policy, string PolicyId, bool PackagePolicy, string SnapshotSha256, int OutOfFold);

/// <param name="History">Promotions, newest first.</param>
/// <param name="Next">Address of the page of the history behind; null at the end.</param>
internal sealed record ModelPage(IReadOnlyList<ModelView> Models, IReadOnlyList<string> Broken, IReadOnlyList<ModelPromoted> History, string? Next);

/// <param name="Rounds">Those that ended, newest first.</param>
/// <param name="Answer">The number of rounds ended (<see cref="TrainingView.Rounds"/>) at which a round that was asked for has ended; 0 where none was.</param>
/// <param name="Next">Address of the page of rounds behind; null at the end.</param>
internal sealed record TrainingPage(TrainingView Now, IReadOnlyList<TrainingFinished> Rounds, int Answer = 0, string? Next = null);

internal sealed record OutboxView(string LastCommitted, string LastAcknowledged, long Backlog, bool Connected, string? LastError, long Undelivered, LoopState Loop, IReadOnlyList<RefusedTopic> RefusedTopics);

/// <param name="State"><c>running</c> or <c>stopped</c>.</param>
/// <param name="Why">Why it is stopped.</param>
/// <param name="NearCopies">Of the skipped those of which one as good was kept before.</param>
/// <param name="BeyondLimit">Those beside the skipped that <c>Sampling:MaxPerMinute</c> kept out.</param>
internal sealed record SamplingView(string State, string? Why, long Kept, long Skipped, long NearCopies, long BeyondLimit, long FreeBytes);

/// <param name="Trouble">Why nothing can be recorded; null while it can.</param>
/// <param name="Unrecorded">Pictures of free run since the start that got no verdict because of that.</param>
/// <param name="ReserveBytes">Room held for a full disk, as configured.</param>
/// <param name="ReserveLeftBytes">What of it is still held.</param>
internal sealed record JournalView(string? Trouble, long Unrecorded, long ReserveBytes, long ReserveLeftBytes);

/// <summary>Triggers that came by MQTT and were accepted, the repeated ones too, and triggers and commands by MQTT that were refused; since the start.</summary>
internal sealed record CommandsView(long Accepted, long Refused);

/// <summary>The process lives, and the line makes progress.</summary>
internal sealed record AliveView(bool Alive);

/// <summary>What the station is doing.</summary>
/// <param name="State">As in the MQTT status.</param>
/// <param name="Detail">As in the MQTT status.</param>
/// <param name="Shadow">As in the MQTT status.</param>
internal sealed record StatusView(
    string Station, uint Epoch, string Version, string Broker, InspectionFigures Inspections, OutboxView Outbox, IReadOnlyList<CameraState> Cameras,
    string? Model, string? Policy, IReadOnlyList<Swap> Swaps, TrainingView Training, long SamplesKept, long SamplesSkipped, string Provider, string Backbone,
    string State, string? Detail, JournalView Journal, SamplingView Sampling, Samples.RetentionView Retention, CommandsView Commands, Settings.ConfigurationView Configuration, ShadowSnapshot? Shadow = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(TriggerCommand))]
[JsonSerializable(typeof(LabelBody))]
[JsonSerializable(typeof(RequestBody))]
[JsonSerializable(typeof(ChangeBody))]
[JsonSerializable(typeof(Keys.NewKey))]
[JsonSerializable(typeof(Keys.MadeKey))]
[JsonSerializable(typeof(Keys.KeyView))]
[JsonSerializable(typeof(Keys.KeyPage))]
[JsonSerializable(typeof(LineSwitched))]
[JsonSerializable(typeof(UndoBody))]
[JsonSerializable(typeof(UndoView))]
[JsonSerializable(typeof(ImportView))]
[JsonSerializable(typeof(List<Samples.ImportedLabel>))]
[JsonSerializable(typeof(SampleView))]
[JsonSerializable(typeof(SamplePage))]
[JsonSerializable(typeof(EvidenceView))]
[JsonSerializable(typeof(SampleLabelled))]
[JsonSerializable(typeof(ModelPage))]
[JsonSerializable(typeof(ModelDetail))]
[JsonSerializable(typeof(Inference.Decisions.PolicyObjective))]
[JsonSerializable(typeof(PromoteBody))]
[JsonSerializable(typeof(OverridingBody))]
[JsonSerializable(typeof(ShadowBody))]
[JsonSerializable(typeof(Models.Shadows.ShadowPage))]
[JsonSerializable(typeof(Models.MustCatch.MustCatchPage))]
[JsonSerializable(typeof(Training.ModelComparison))]
[JsonSerializable(typeof(ModelView))]
[JsonSerializable(typeof(PolicyChange))]
[JsonSerializable(typeof(PolicyTrial))]
[JsonSerializable(typeof(Policies.LivePolicy))]
[JsonSerializable(typeof(Policies.PolicyProposal))]
[JsonSerializable(typeof(Policies.WhatIfResult))]
[JsonSerializable(typeof(TrainingPage))]
[JsonSerializable(typeof(StatusView))]
[JsonSerializable(typeof(AliveView))]
[JsonSerializable(typeof(Health.ReadinessView))]
[JsonSerializable(typeof(Microsoft.AspNetCore.Mvc.ProblemDetails))]
internal sealed partial class WebJson : JsonSerializerContext
{
    /// <summary>Bodies are read, and the contract is described, by the same rules that answers are written by.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.NumberHandling = JsonNumberHandling.Strict;
        options.PropertyNameCaseInsensitive = false;
        options.AllowDuplicateProperties = false;
        options.TypeInfoResolverChain.Insert(0, Default.WithAddedModifier(RefuseUnknown));
        options.TypeInfoResolverChain.Insert(1, VerdictJson.Default);
    }

    // Policies are written by hand: a member that nobody knows is a slip of the pen. In packages and in the journal such members may be of a newer version.
    private static void RefuseUnknown(JsonTypeInfo type)
    {
        if (type is { Kind: JsonTypeInfoKind.Object, Type.Namespace: "Inference.Decisions" }) type.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
    }
}
