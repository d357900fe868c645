using Inference.Backbones;
using Inference.Decisions;
using Inference.Heads;
using Inference.Packages;
using Inference.Preparation;
using Inference.Slots;

namespace Inference.Evidence;

/// <summary>What is to be explained of one judgement. Taken while the model is leased, answered while the backbone still has the picture's maps; holds no native memory.</summary>
/// <param name="Of">Index of the class that it is about; null for the distance.</param>
/// <param name="Against">Index of the good class.</param>
/// <param name="Said">What the head said: the difference of the two logits, or the square of the distance.</param>
public readonly record struct EvidenceQuestion(HeadNumbers Numbers, ModelManifest Model, int? Of, int Against, float Said)
{
    /// <summary>What the places must add up to, relative: the head adds in another order.</summary>
    private const float Tolerance = 1e-3f;

    /// <summary>
    /// NG and UNSURE are explained: by the most probable bad class against the good one, and, where the part is unlike anything seen, by the distance. Null for all else, and for
    /// a head of another form.
    /// </summary>
    public static EvidenceQuestion? About(LoadedModel model, Decision decision, HeadOutput output)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (decision.Verdict is not (Verdict.Ng or Verdict.Unsure) || model.Numbers is not { } numbers) return null;
        var manifest = model.Package.Manifest;
        var (good, bad) = (-1, -1);
        for (var i = 0; i < manifest.Classes.Count; i++)
        {
            if (manifest.Classes[i] == manifest.GoodClass) good = i;
            else if (bad < 0 || output.Probabilities[i] > output.Probabilities[bad]) bad = i;
        }

        return decision.Reason == Reasons.Unseen
            ? new(numbers, manifest, null, good, output.Distance * output.Distance)
            : new(numbers, manifest, bad, good, output.Logits[bad] - output.Logits[good]);
    }

    /// <summary>The evidence; null where the backbone gives no maps, or where what it says of the places does not add up to what the head said.</summary>
    /// <param name="backbone">After its run on the picture, before the next.</param>
    /// <param name="region">The pixels of the picture that were judged.</param>
    public EvidenceMap? Answer(BackboneSession backbone, Region region)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        var form = Of is { } of ? Numbers.LogitDifference(of, Against) : Numbers.SquaredDistance(backbone.EmbeddingValues);
        if (Attribution.Explain(form, backbone.Embedding, backbone.Maps, backbone.MapValues) is not { } stages) return null;
        var map = EvidenceMap.Make(Of is { } named ? Model.Classes[named] : null, Of is null ? null : Model.GoodClass, form.Bias, stages, region);
        return MathF.Abs(map.Score - Said) <= Tolerance * MathF.Max(1, MathF.Abs(Said)) ? map : null;
    }
}
