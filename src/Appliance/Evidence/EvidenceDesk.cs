using Appliance.Journal;
using Appliance.Models;
using Appliance.Samples;
using Inference.Backbones;
using Inference.Decisions;
using Inference.Evidence;
using Inference.Packages;
using Inference.Preparation;
using Inference.Runtime;
using Inference.Slots;
using Microsoft.ML.OnnxRuntime;

namespace Appliance.Evidence;

/// <summary>
/// Finds a sample's evidence, or computes it from picture and model as they are kept: one at a time, on a quiet thread with sessions of its own, so that the line does not feel it.
/// </summary>
internal sealed class EvidenceDesk(EvidenceStore store, PictureStore pictures, ModelStore models) : IDisposable
{
    private static readonly RuntimeOptions OneThread = new() { Threads = 1, AllowAccelerator = false };
    private readonly SemaphoreSlim turn = new(1);

    public async Task<EvidenceAnswer> FindAsync(SampleDocument sample, CancellationToken cancellation)
    {
        if (!InspectionId.TryParse(sample.Id, out var id)) return EvidenceAnswer.None($"'{sample.Id}' is no sample id.");
        if (sample.Kept.Evidence is { } sha && store.Read(id, sha) is { } map) return new(map, true, null);
        var kept = sample.Kept;
        if (kept.Why == "import") return EvidenceAnswer.None($"Sample {id} was imported: no model judged it, and there is nothing to explain.");
        if (kept.Verdict is not ("NG" or "UNSURE")) return EvidenceAnswer.None($"Sample {id} is {kept.Verdict}: only NG and UNSURE are explained.");
        if (kept.Model is not { } model) return EvidenceAnswer.None($"Sample {id} was judged by no model ({kept.Reason}): there is nothing to explain.");
        if (!sample.HasPicture) return EvidenceAnswer.None($"Sample {id} has no evidence, and its picture, from which it could be computed, is lost.");
        await turn.WaitAsync(cancellation);
        try
        {
            return await QuietThread.RunAsync(() => Compute(id, model, kept));
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The sample's picture with its evidence over it, as PNG; or why there is none. One at a time too: a large picture takes hundreds of megabytes.</summary>
    public async Task<(byte[]? Png, string? Problem)> DrawAsync(SampleDocument sample, EvidenceMap map, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            return await QuietThread.RunAsync(() => Draw(sample, map));
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private (byte[]? Png, string? Problem) Draw(SampleDocument sample, EvidenceMap map)
    {
        try
        {
            using var decoded = PictureDecoder.Decode(File.ReadAllBytes(pictures.PathOf(sample.Kept.Picture, sample.Kept.Extension)));
            if (decoded.Picture is not { } picture) return (null, $"The picture of sample '{sample.Id}' cannot be decoded: {decoded.Problem}");
            return map.FitsInto(picture.Width, picture.Height) ? (EvidenceOverlay.Draw(picture, map), null) : (null, $"The evidence of sample '{sample.Id}' is of a picture of another size.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"The picture of sample '{sample.Id}' cannot be read: {e.Message}");
        }
    }

    private EvidenceAnswer Compute(InspectionId id, string modelId, SampleKept kept)
    {
        try
        {
            var package = models.Read(modelId);
            var spec = package.Manifest.Embedding;
            using var backbone = BackboneSession.Load(models.BackbonePath(spec.Backbone), spec.Preparation, OneThread);
            using var slot = new ModelSlot(spec, OneThread);
            var loaded = slot.Load(package);
            if (loaded.Model is null) return EvidenceAnswer.None(loaded.Reason!);
            using var model = loaded.Model;
            using var preparer = new ImagePreparer(spec.Preparation);
            using var decoded = PictureDecoder.Decode(File.ReadAllBytes(pictures.PathOf(kept.Picture, kept.Extension)));
            if (decoded.Picture is not { } picture) return EvidenceAnswer.None($"The picture of sample {id} cannot be decoded: {decoded.Problem}");
            var prepared = preparer.Prepare(picture, backbone.InputBuffer);
            if (!prepared.Succeeded) return EvidenceAnswer.None($"The picture of sample {id} cannot be prepared: {prepared.Detail}");
            backbone.Run();
            // What was decided then is asked about, whatever policy holds now.
            var decision = new Decision(kept.Verdict == "NG" ? Verdict.Ng : Verdict.Unsure, kept.Class, kept.Probability, kept.Distance, kept.Reason);
            var question = EvidenceQuestion.About(model, decision, model.Head.Run(backbone.EmbeddingValues));
            return question?.Answer(backbone, spec.Preparation.RegionIn(picture.Width, picture.Height)) is { } map
                ? new(map, false, null)
                : EvidenceAnswer.None($"Model {modelId} cannot be explained: its head, or its backbone, is of another form than the trainer's.");
        }
        catch (Exception e) when (e is PackageException or NetworkException or OnnxRuntimeException or IOException or UnauthorizedAccessException)
        {
            return EvidenceAnswer.None($"Sample {id} has no stored evidence, and it cannot be computed: {e.Message}");
        }
    }
}
