using System.Security.Cryptography;
using System.Text.Json;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Samples;
using Inference.Backbones;
using Inference.Decisions;
using Inference.Files;
using Inference.Packages;
using Inference.Preparation;
using Inference.Runtime;
using Inference.Slots;

namespace Appliance.Replay;

/// <summary>How a verdict came out when it was judged again.</summary>
internal enum ReplayOutcome
{
    /// <summary>Class, probability, distance, reason and verdict are the same, bit for bit.</summary>
    Identical,

    /// <summary>It came out otherwise.</summary>
    Differs,

    /// <summary>No model judged it: a FAULT, or there was none.</summary>
    NotJudged,

    /// <summary>Something that it needs is not kept any more, or never was.</summary>
    Gone,
}

/// <summary>One verdict judged again.</summary>
/// <param name="Picture">SHA-256 of the picture; null where it is gone.</param>
/// <param name="Detail">What differs, or what is gone.</param>
internal sealed record ReplayResult(string Inspection, ReplayOutcome Outcome, string? Picture, string? Model, string? Policy, Decision? Recorded, Decision? Replayed, string? Detail);

/// <summary>
/// Judges recorded verdicts again, from what a state directory keeps: the picture, its preparation, and the model and policy that the verdict names. Reads only,
/// also beside the running service. One thread; owns what it loads.
/// </summary>
internal sealed class Replayer : IDisposable
{
    private readonly string state;
    private readonly ModelStore store;
    private readonly PictureStore pictures;
    private readonly Dictionary<string, SampleKept> samples = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DecisionPolicy> policies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (BackboneSession Session, ImagePreparer Preparer)> backbones = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Model, string Policy), LoadedModel> models = [];

    /// <param name="wanted">Of these the samples are looked up, in one pass over the facts.</param>
    /// <exception cref="JournalException">The facts are damaged.</exception>
    public Replayer(string state, IReadOnlySet<string> wanted)
    {
        this.state = state;
        store = new ModelStore(LinuxFileSystem.Instance, state);
        pictures = new PictureStore(LinuxFileSystem.Instance, SampleFiles.Pictures(state));
        foreach (var (_, fact) in FactReader.Read(SegmentFiles.Directory(state, StreamKind.Facts)))
        {
            if (fact is SampleKept kept && wanted.Contains(kept.Sample)) samples[kept.Sample] = kept;
            if (fact is ModelPromoted { Content: { } content } promoted) policies[promoted.Policy] = content;
        }
    }

    /// <exception cref="JournalException">The journal is damaged where the verdict lies.</exception>
    public ReplayResult Replay(InspectionId id)
    {
        var name = id.ToString();
        // No epoch is 0: pictures brought from elsewhere bear it.
        if (id.Epoch == 0)
        {
            return samples.ContainsKey(name)
                ? new(name, ReplayOutcome.NotJudged, null, null, null, null, null, "It was imported: no model of this station judged it.")
                : new(name, ReplayOutcome.Gone, null, null, null, null, null, "There is no imported sample of this name.");
        }

        if (VerdictSegments.Read(SegmentFiles.Directory(state, StreamKind.Verdicts), id) is not { } json)
            return new(name, ReplayOutcome.Gone, null, null, null, null, null, "The journal has no such verdict: it was never given, or its segment was deleted.");
        var verdict = JsonSerializer.Deserialize(json, VerdictJson.Default.VerdictMessage)!;
        var recorded = new Decision(verdict.Verdict, verdict.Class, verdict.Probability, verdict.Distance, verdict.Reason);
        var blank = new ReplayResult(name, ReplayOutcome.Gone, null, verdict.Model, verdict.Policy, recorded, null, null);
        if (verdict.Model is null || verdict.Policy is null || verdict.Verdict == Verdict.Fault)
            return blank with { Outcome = ReplayOutcome.NotJudged, Detail = $"No model's judgement: {verdict.Reason}." };
        if (!samples.TryGetValue(name, out var kept)) return blank with { Detail = "Its picture was not kept as a sample." };
        var path = pictures.PathOf(kept.Picture, kept.Extension);
        if (!File.Exists(path)) return blank with { Detail = $"Its picture is gone: {path}." };
        try
        {
            return Judge(blank with { Picture = kept.Picture }, recorded, path);
        }
        catch (Exception e) when (e is PackageException or NetworkException or Microsoft.ML.OnnxRuntime.OnnxRuntimeException or IOException)
        {
            return blank with { Picture = kept.Picture, Detail = e.Message };
        }
    }

    public void Dispose()
    {
        foreach (var model in models.Values) model.Dispose();
        foreach (var (session, preparer) in backbones.Values)
        {
            preparer.Dispose();
            session.Dispose();
        }
    }

    private ReplayResult Judge(ReplayResult result, Decision recorded, string path)
    {
        var model = Model(result.Model!, result.Policy!);
        var (backbone, preparer) = Backbone(model.Package.Manifest);
        var bytes = File.ReadAllBytes(path);
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != result.Picture) return result with { Detail = $"Its picture was altered: {path}." };
        using var picture = PictureDecoder.Decode(bytes).Picture;
        if (picture is null) return result with { Detail = $"Its picture cannot be decoded: {path}." };
        var prepared = preparer.Prepare(picture, backbone.InputBuffer);
        if (!prepared.Succeeded) return result with { Detail = $"Its picture cannot be prepared: {prepared.Detail}" };
        backbone.Run();
        var output = model.Head.Run(backbone.EmbeddingValues);
        var replayed = model.Decider.Decide(output.Probabilities, output.Distance);
        return replayed == recorded
            ? result with { Outcome = ReplayOutcome.Identical, Replayed = replayed }
            : result with { Outcome = ReplayOutcome.Differs, Replayed = replayed, Detail = "It came out otherwise: another processor, execution provider or program version may round otherwise." };
    }

    private LoadedModel Model(string id, string policy)
    {
        if (models.TryGetValue((id, policy), out var known)) return known;
        var package = store.Read(id);
        if (package.PolicyId != policy)
            package = policies.TryGetValue(policy, out var content) ? store.Read(id, content) : throw new PackageException($"Policy {policy} is gone: no promotion names it, and the model's package has {package.PolicyId}.");
        using var slot = new ModelSlot(package.Manifest.Embedding, RuntimeOptions.Default);
        var loaded = slot.Load(package);
        return models[(id, policy)] = loaded.Model ?? throw new PackageException(loaded.Reason!);
    }

    private (BackboneSession Session, ImagePreparer Preparer) Backbone(ModelManifest manifest)
    {
        var spec = manifest.Embedding;
        if (backbones.TryGetValue(spec.Identity, out var known)) return known;
        var session = BackboneSession.Load(store.BackbonePath(spec.Backbone), spec.Preparation, RuntimeOptions.Default);
        return backbones[spec.Identity] = (session, new ImagePreparer(spec.Preparation));
    }
}
