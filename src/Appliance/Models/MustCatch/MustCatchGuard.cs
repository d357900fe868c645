using System.Globalization;
using Appliance.Samples;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Packages;
using Inference.Slots;
using Microsoft.ML.OnnxRuntime;

namespace Appliance.Models.MustCatch;

/// <summary>Why a model may not go live without a person's word.</summary>
/// <param name="Samples">Must-catch samples that it would pass, or that cannot be judged.</param>
/// <param name="Reason">Names them.</param>
internal sealed record MustCatchMiss(IReadOnlyList<string> Samples, string Reason);

/// <summary>
/// Judges the must-catch list by the shipped head and the policy that it would go live with: not by what heads said that had not seen the part, for these samples must be
/// caught, not learnt from. NG and UNSURE catch a part, for nobody passes it. What cannot be judged is not passed over in silence.
/// </summary>
internal sealed class MustCatchGuard(MustCatchList list, SampleIndex index, LabelledEvidence evidence)
{
    /// <summary>Loads a candidate for a slot and judges the list by it, while nobody else has it: a head has one user at a time. No miss when every listed sample is caught.</summary>
    /// <exception cref="EmbeddingFileException">The embedding file cannot be used.</exception>
    /// <exception cref="IndexUnavailableException">The index is made anew.</exception>
    public (LoadResult Loaded, MustCatchMiss? Miss) Load(ModelSlot slot, ModelPackage package)
    {
        var loaded = slot.Load(package);
        if (loaded.Model is not { } model) return (loaded, null);
        try
        {
            return (loaded, Judge(model));
        }
        catch (OnnxRuntimeException e)
        {
            model.Dispose();
            return (new(null, $"Model {package.ModelId}: its head failed on the must-catch samples: {e.Message}"), null);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private MustCatchMiss? Judge(LoadedModel model)
    {
        var ids = list.Ids;
        if (ids.Count == 0) return null;
        using var rows = new KeptRows(index, evidence);
        List<string> passed = [], unjudged = [], named = [];
        foreach (var sample in ids)
        {
            if (!rows.TryRead(sample, out var gone))
            {
                unjudged.Add($"{sample} ({gone})");
                named.Add(sample);
                continue;
            }

            var output = model.Head.Run(rows.Values);
            var decision = model.Decider.Decide(output.Probabilities, output.Distance);
            if (decision.Verdict != Verdict.Ok) continue;
            passed.Add(string.Create(CultureInfo.InvariantCulture, $"{sample} ({index.ById(sample)?.Label ?? "unlabelled"}) with {decision.Probability:0.###}"));
            named.Add(sample);
        }

        if (named.Count == 0) return null;
        List<string> said = [];
        if (passed.Count > 0) said.Add($"it would pass {passed.Count} of {ids.Count} must-catch samples as good: {string.Join(", ", passed)}");
        if (unjudged.Count > 0) said.Add($"{unjudged.Count} of {ids.Count} must-catch samples cannot be judged: {string.Join(", ", unjudged)}");
        return new(named, string.Join("; ", said));
    }
}
