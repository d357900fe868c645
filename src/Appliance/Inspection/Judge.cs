using Appliance.Capture;
using Inference.Backbones;
using Inference.Decisions;
using Inference.Evidence;
using Inference.Preparation;
using Inference.Slots;

namespace Appliance.Inspection;

/// <summary>What the judge found in one frame.</summary>
/// <param name="HasEmbedding">Whether <see cref="Judge.Embedding"/> is of this frame.</param>
internal readonly record struct Judgement(
    Decision Decision, string? Detail, string? Model, string? Policy, bool HasEmbedding, double PrepareMs, double BackboneMs, double HeadMs);

/// <summary>Prepare, backbone, head, decide. Used by one thread; never turns trouble into OK.</summary>
internal sealed class Judge(BackboneSession backbone, ModelSlot slot, TimeProvider time) : IDisposable
{
    private readonly ImagePreparer preparer = new(backbone.Embedding.Preparation);
    private EvidenceQuestion? question;

    /// <summary>[D] values of the last frame with <see cref="Judgement.HasEmbedding"/>; overwritten by the next.</summary>
    public ReadOnlySpan<float> Embedding => backbone.EmbeddingValues;

    public Judgement Look(Frame frame)
    {
        question = null;
        if (frame.Defect is { } defect) return Fault(frame.DefectReason, defect);
        var start = time.GetTimestamp();
        var prepared = preparer.Prepare(frame.Picture, backbone.InputBuffer);
        if (!prepared.Succeeded) return Fault(prepared.Reason!, prepared.Detail);
        var ready = time.GetTimestamp();
        try
        {
            backbone.Run();
        }
        catch (Exception e) when (e is Microsoft.ML.OnnxRuntime.OnnxRuntimeException)
        {
            return Fault(Reasons.ModelFailed, "The backbone failed: " + e.Message);
        }

        var embedded = time.GetTimestamp();
        using var lease = slot.Lease();
        var judgement = lease.Held ? Decide(lease.Model) : NoModel();
        return judgement with
        {
            HasEmbedding = true,
            PrepareMs = Ms(start, ready),
            BackboneMs = Ms(ready, embedded),
            HeadMs = Ms(embedded, time.GetTimestamp()),
        };
    }

    /// <summary>Why the last frame was found NG or UNSURE, by place; null for another verdict, or a model that cannot be explained. Costs a fraction of a run; before the next <see cref="Look"/>.</summary>
    public EvidenceMap? Explain(Frame frame) => question?.Answer(backbone, backbone.Embedding.Preparation.RegionIn(frame.Picture.Width, frame.Picture.Height));

    public void Dispose() => preparer.Dispose();

    private Judgement Decide(LoadedModel model)
    {
        try
        {
            var output = model.Head.Run(backbone.EmbeddingValues);
            var decision = model.Decider.Decide(output.Probabilities, output.Distance);
            question = EvidenceQuestion.About(model, decision, output);
            return new(decision, null, model.ModelId, model.PolicyId, true, 0, 0, 0);
        }
        catch (Exception e) when (e is Microsoft.ML.OnnxRuntime.OnnxRuntimeException)
        {
            return Fault(Reasons.ModelFailed, "The head failed: " + e.Message) with { Model = model.ModelId, Policy = model.PolicyId };
        }
    }

    private static Judgement NoModel() => new(new(Verdict.Unsure, null, 0, 0, Reasons.NoModel), null, null, null, true, 0, 0, 0);

    private static Judgement Fault(string reason, string? detail) => new(new(Verdict.Fault, null, 0, 0, reason), detail, null, null, false, 0, 0, 0);

    private double Ms(long from, long to) => time.GetElapsedTime(from, to).TotalMilliseconds;
}
