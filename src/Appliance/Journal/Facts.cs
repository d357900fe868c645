using System.Text.Json.Serialization;
using Inference.Decisions;

namespace Appliance.Journal;

/// <summary>What must survive: one record of the facts stream, JSON with its kind under <c>fact</c>. Times are wall clock, UTC; <c>By</c> is a person or program.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "fact")]
[JsonDerivedType(typeof(EpochStarted), "epoch")]
[JsonDerivedType(typeof(TriggerAccepted), "trigger")]
[JsonDerivedType(typeof(TriggersOpen), "triggers")]
[JsonDerivedType(typeof(LineSwitched), "line")]
[JsonDerivedType(typeof(SampleKept), "sample")]
[JsonDerivedType(typeof(SampleLabelled), "label")]
[JsonDerivedType(typeof(LabelsUndone), "undo")]
[JsonDerivedType(typeof(SamplesDeleted), "deletion")]
[JsonDerivedType(typeof(TrainingFinished), "training")]
[JsonDerivedType(typeof(ModelPromoted), "promotion")]
[JsonDerivedType(typeof(MustCatchChanged), "mustCatch")]
[JsonDerivedType(typeof(ShadowBegun), "shadow")]
[JsonDerivedType(typeof(ShadowEnded), "shadowEnded")]
[JsonDerivedType(typeof(VerdictsAnchored), "anchor")]
[JsonDerivedType(typeof(VerdictsNotDelivered), "undelivered")]
[JsonDerivedType(typeof(PicturesUnrecorded), "unrecorded")]
[JsonDerivedType(typeof(JournalRepaired), "repair")]
[JsonDerivedType(typeof(SampleRepaired), "sampleRepair")]
[JsonDerivedType(typeof(FileSetAside), "setAside")]
[JsonDerivedType(typeof(StateRestored), "restored")]
[JsonDerivedType(typeof(ApiKeyAdded), "key")]
[JsonDerivedType(typeof(ApiKeyRevoked), "keyRevoked")]
[JsonDerivedType(typeof(ConfigurationChanged), "configuration")]
internal abstract record Fact
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Name of the key to the HTTP interface with which it was asked for, beside the person in <c>By</c>; null where there was none. The journal sets it as it writes the fact.</summary>
    public string? ByKey { get; set; }
}

/// <summary>A new start of the journal. Written and synced before the first verdict of the epoch.</summary>
internal sealed record EpochStarted(uint Epoch, uint PreviousEpoch, ulong LastSequenceRecovered, string Version) : Fact;

/// <summary>A trigger was accepted; it will get one verdict.</summary>
/// <param name="DeadlineMs">Milliseconds from its arrival within which the verdict is published; null in journals before there were deadlines.</param>
internal sealed record TriggerAccepted(string Trigger, string Camera, string? Part, string Recipe, int? DeadlineMs = null) : Fact;

/// <summary>Every trigger accepted before this fact has its verdict on disk, but for those named. A start looks no further back.</summary>
internal sealed record TriggersOpen(IReadOnlyList<string> Triggers) : Fact;

/// <summary>The line was paused, or goes on.</summary>
internal sealed record LineSwitched(bool Paused, string By, string Why) : Fact;

/// <summary>Picture, embedding row and evidence are on disk.</summary>
/// <param name="Sample">Inspection id.</param>
/// <param name="Picture">SHA-256 of the picture file, lower-case hex.</param>
/// <param name="Extension">Extension of the picture file with its dot.</param>
/// <param name="Row">Row in the embedding file of the identity; -1 when the inspection had no embedding.</param>
/// <param name="Why">verdict, audit or import. An imported one was never inspected: its epoch is 0.</param>
/// <param name="Evidence">SHA-256 of its evidence file, lower-case hex; null for none.</param>
internal sealed record SampleKept(
    string Sample, string Camera, string? Part, string Recipe, string? Source, string Picture, string Extension, long PictureBytes,
    string? EmbeddingIdentity, long Row, string Verdict, string? Class, float Probability, float Distance, string Reason,
    string? Model, string? Policy, DateTimeOffset GrabbedAt, string Why, string? Evidence = null) : Fact;

/// <summary>A person (or program) said what a sample shows. The last one holds; all are kept.</summary>
/// <param name="NewClass">True where no sample had this class before; null otherwise.</param>
/// <param name="ImportedBy">Who brought it from elsewhere, where <c>By</c> said it at that time; null for what was said here.</param>
internal sealed record SampleLabelled(string Sample, string Label, string? Before, string By, bool? NewClass = null, string? ImportedBy = null) : Fact;

/// <summary>These labels hold no more: of each sample the last one that was not undone does, or none. What was said stays in the journal.</summary>
internal sealed record LabelsUndone(IReadOnlyList<UndoneLabel> Labels, string By, string Why) : Fact;

/// <summary>The labelling of a sample by a person at a time.</summary>
internal sealed record UndoneLabel(string Sample, string Label, string By, DateTimeOffset At);

/// <summary>These samples are given up; their pictures are deleted after this fact is durable, each with the last sample that has it. Labels stay in the journal.</summary>
internal sealed record SamplesDeleted(IReadOnlyList<string> Samples, string By, string Why) : Fact;

/// <summary>A training round ended: <c>promoted</c>, <c>shadow</c> (passed the gate, and judges beside the live model first), <c>refused</c> by the gate or <c>failed</c>, with the reason.</summary>
/// <param name="Labels">Labelled samples that it had.</param>
/// <param name="Embedding">Identity of the embedding that they are of; null in journals before it was said.</param>
/// <param name="Snapshot">So many facts from the first one on it had seen when it read them; null in journals before it was said.</param>
internal sealed record TrainingFinished(string Job, string Outcome, string? Model, string Reason, int Labels, string RequestedBy, string? Embedding = null, long? Snapshot = null) : Fact;

/// <summary>A model went live with a policy. A change of policy is a promotion of the same model.</summary>
/// <param name="Policy">The policy's id.</param>
/// <param name="Before">The model that it replaced.</param>
/// <param name="Content">The policy itself; null where it is the one of the model's package.</param>
/// <param name="Overridden">Must-catch samples that it passes or that could not be judged, and that <c>By</c> answers for; null for none.</param>
internal sealed record ModelPromoted(string Model, string Policy, string? Before, string By, string Why, DecisionPolicy? Content = null, IReadOnlyList<string>? Overridden = null) : Fact;

/// <summary>A sample was put on the list of those that no model may pass as good, or was taken off it.</summary>
/// <param name="Label">What people said of it when it was put there; null when it is taken off, and in journals before it was said.</param>
internal sealed record MustCatchChanged(string Sample, bool Listed, string By, string Why, string? Label = null) : Fact;

/// <summary>A candidate judges beside the live model, without a say, until so many inspections or a time.</summary>
/// <param name="Against">The model that is live.</param>
/// <param name="Inspections">0 for no limit.</param>
/// <param name="Until">Null for no limit.</param>
/// <param name="Promotes">Whether it goes live at the end by itself, if it contradicts the live one seldom enough.</param>
/// <param name="Content">Its policy; null where it is the one of its package.</param>
internal sealed record ShadowBegun(
    string Model, string Policy, string Against, string AgainstPolicy, long Inspections, DateTimeOffset? Until, bool Promotes, string By, string Why, DecisionPolicy? Content = null) : Fact;

/// <summary>A shadow period ended: <c>promoted</c>, <c>over</c> (a person decides), <c>dismissed</c>, <c>overtaken</c> (something else went live) or <c>failed</c>.</summary>
internal sealed record ShadowEnded(string Model, string Outcome, string Reason, string By, ShadowFigures Figures) : Fact;

/// <summary>What a candidate said beside the live model.</summary>
/// <param name="Judged">Inspections that both have judged.</param>
/// <param name="Contradicted">Of them, those where one said OK and the other NG.</param>
/// <param name="Changed">Verdicts that differ, as <c>UNSURE to OK</c>, and how many.</param>
/// <param name="Newest">Inspections that differ, newest first; at most 200.</param>
internal sealed record ShadowFigures(long Judged, long Agreed, long Contradicted, IReadOnlyDictionary<string, long> Changed, IReadOnlyList<ShadowDifference> Newest)
{
    public static ShadowFigures None { get; } = new(0, 0, 0, new Dictionary<string, long>(), []);

    /// <summary>In words.</summary>
    public string Say() => Judged == 0
        ? "no inspection was judged by both"
        : $"{Judged} inspections judged by both, {Agreed} alike, {Contradicted} contradicted{(Changed.Count == 0 ? "" : $" ({string.Join(", ", Changed.Select(c => $"{c.Key} {c.Value}"))})")}";
}

/// <summary>An inspection on which a candidate in its shadow period differs from the live model.</summary>
internal sealed record ShadowDifference(
    string Inspection, string Camera, string? Part, DateTimeOffset GrabbedAt, Verdict Live, string? LiveClass, Verdict Candidate, string? CandidateClass, float Probability, string Reason);

/// <summary>Verdict segments before <c>FirstSegment</c> may be deleted: the chain goes on there, at record <c>FirstIndex</c>, after a record of hash <c>PreviousHash</c>.</summary>
internal sealed record VerdictsAnchored(uint FirstSegment, ulong FirstIndex, string PreviousHash, string LastDeleted) : Fact;

/// <summary>While the journal took nothing, so many pictures of free run went by without a verdict. <c>From</c> and <c>To</c> are times of the first and the last.</summary>
internal sealed record PicturesUnrecorded(long Pictures, DateTimeOffset From, DateTimeOffset To, string Why) : Fact;

/// <summary>Verdicts that the outbox gave up: no broker gets them any more; the journal may still have them. A later one that covers an earlier one takes its place.</summary>
/// <param name="From">The first one, as <see cref="InspectionId"/>.</param>
/// <param name="To">The last one.</param>
/// <param name="Count">How many.</param>
/// <param name="Why"><c>limit</c>, <c>deleted</c>, or <c>unknown</c>: whether they were delivered is not known any more.</param>
internal sealed record VerdictsNotDelivered(string From, string To, long Count, string Why) : Fact;

/// <summary>One damaged place of the journal that a repair dealt with. Where records are lost, a record in the stream stands in their place.</summary>
/// <param name="Stream">facts or verdicts.</param>
/// <param name="Offset">Of the damage, in the file as it was found.</param>
/// <param name="Mended">Nothing is lost: what was there could be told for certain.</param>
/// <param name="Records">Records lost, from <paramref name="FirstIndex"/> on; at the end of the stream at least so many.</param>
/// <param name="After">The last inspection before the place.</param>
/// <param name="Before">The first one after it; null when nothing follows.</param>
/// <param name="Original">The damaged file, from the state directory.</param>
/// <param name="EpochFloor">The next epoch is above this: a lost fact may have begun one. 0 where none can have been lost.</param>
internal sealed record JournalRepaired(
    string Stream, uint Segment, long Offset, long Bytes, string Problem, bool Mended, ulong FirstIndex, ulong Records, string After, string? Before,
    DateTimeOffset? NotBefore, DateTimeOffset? NotAfter, string HashBefore, string? HashAfter, string Original, uint EpochFloor) : Fact;

/// <summary>What a sample still has after a repair.</summary>
/// <param name="Picture">Whether its picture is there.</param>
/// <param name="Evidence">False where it has no evidence file any more.</param>
/// <param name="Row">Row in the embedding file of the identity; -1 when it has no embedding any more.</param>
internal sealed record SampleRepaired(string Sample, bool Picture, string? EmbeddingIdentity, long Row, string Why, bool Evidence = true) : Fact;

/// <summary>A repair moved a damaged file or package away. Paths start at the state directory.</summary>
internal sealed record FileSetAside(string Path, string Original, string Why) : Fact;

/// <summary>This state directory was made from a backup. The next epoch is above <c>EpochFloor</c>, so that no identity of the life that went on after the backup is used again.</summary>
internal sealed record StateRestored(DateTimeOffset TakenAt, uint BackupEpoch, uint EpochFloor, string By) : Fact;

/// <summary>A key to the HTTP interface was made.</summary>
/// <param name="Key">Its id: the first characters of the hash.</param>
/// <param name="Role">read, line, label or manage.</param>
/// <param name="Sha256">Of the key itself, which stands nowhere; lower-case hex.</param>
internal sealed record ApiKeyAdded(string Key, string Name, string Role, string Sha256, string By) : Fact;

/// <summary>A key is good no longer.</summary>
internal sealed record ApiKeyRevoked(string Key, string By, string Why) : Fact;

/// <summary>Settings were changed, at a start or by a reload. All of them together give the configuration in force.</summary>
/// <param name="Hash">SHA-256 over all settings in force, secrets left out.</param>
/// <param name="Why"><c>start</c> or <c>reload</c>.</param>
internal sealed record ConfigurationChanged(string Hash, IReadOnlyList<SettingChange> Changes, string Why) : Fact;

/// <summary>One setting; without secrets, so that a change of a password alone is none. Null where it has no value.</summary>
internal sealed record SettingChange(string Key, string? Before, string? After);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Fact))]
internal sealed partial class FactJson : JsonSerializerContext;
