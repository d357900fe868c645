using Appliance.Models;
using Appliance.Policies;
using Inference.Packages;

namespace Appliance.Training;

/// <summary>Compares two models of the store for people; the gate compares by the same answers.</summary>
internal sealed class ModelComparer(ModelStore store, LiveModel live, LabelledEvidence evidence)
{
    private const int MostShown = 500;
    private const double Confidence = 0.95;

    /// <summary>Reads the kept embeddings of all labelled parts; takes a second or so for thousands.</summary>
    /// <exception cref="PackageException">One of them is not there, or is refused.</exception>
    public DeskAnswer<ModelComparison> Compare(string modelA, string modelB)
    {
        var (a, b) = (Package(modelA), Package(modelB));
        if (a.Manifest.Embedding.Identity != evidence.Spec.Identity || b.Manifest.Embedding.Identity != evidence.Spec.Identity)
            return (DeskRefusal.Conflict, "One of the models reads embeddings of another backbone, region or size than this station computes: they cannot be compared here.");
        using var embeddings = evidence.Open();
        if (embeddings is null) return (DeskRefusal.Conflict, "There are no samples with embeddings yet, so there is nothing to compare on.");
        using var sideA = new ModelSide(a, embeddings, headAnswers: true);
        using var sideB = new ModelSide(b, embeddings, headAnswers: true);
        var parts = LabelledPart.Of(evidence.Samples, a.Manifest.GoodClass).ToList();
        var both = parts.Select(p => (Part: p, A: sideA.Of(p), B: sideB.Of(p))).Where(p => p is { A: not null, B: not null }).Select(p => (p.Part, A: p.A!.Value, B: p.B!.Value)).ToList();
        var different = both.Where(p => p.A.Answer != p.B.Answer)
            .Select(p => new DifferentPart(p.Part.Part, p.Part.Label, [.. p.Part.Samples.Select(s => s.Sample)], p.A.Answer.Verdict, p.A.Answer.Class, p.B.Answer.Verdict, p.B.Answer.Class)).ToList();
        return new ModelComparison(
            Describe(a, [.. both.Select(p => p.A)]), Describe(b, [.. both.Select(p => p.B)]), both.Count, parts.Count - both.Count, parts.Count(p => p.Differs), different.Count, [.. different.Take(MostShown)]);
    }

    private ComparedModel Describe(ModelPackage model, IReadOnlyList<(UnseenPart Unseen, ModelAnswer Answer)> said)
    {
        var (manifest, unseen) = (model.Manifest, said.Select(s => s.Unseen).ToList());
        var recall = said.GroupBy(s => s.Unseen.Label, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => RateEstimate.Make(g.Count(s => s.Answer.Class == g.Key), g.Count(), Confidence), StringComparer.Ordinal);
        var hasBoth = unseen.Any(p => p.Label == manifest.GoodClass) && unseen.Any(p => p.Label != manifest.GoodClass);
        return new(
            model.ModelId, model.PolicyId, live.Current?.Model == model.ModelId, said.Count == 0 ? null : MacroF1.Of([.. said.Select(s => (s.Unseen.Label, (string?)s.Answer.Class))]),
            hasBoth ? PolicyProposer.Expect(unseen, model, Confidence) : null, recall);
    }

    private ModelPackage Package(string model) => live.Standing is { } standing && standing.Promotion.Model == model ? standing.Package : store.Read(model);
}
