using Appliance.Models;
using Inference.Embeddings;
using Inference.Jobs;
using Inference.Packages;

namespace Appliance.Training;

/// <summary>Gathers what two models say of labelled parts that they have not seen, from kept predictions and kept embeddings.</summary>
internal static class GateEvidence
{
    /// <param name="samples">The samples of the candidate's job; labelled ones count.</param>
    /// <param name="candidate">With the policy that it would go live with.</param>
    /// <param name="live">With the policy that it is live with.</param>
    public static IReadOnlyList<PartAnswer> Gather(IReadOnlyList<TrainingSample> samples, EmbeddingFileReader embeddings, ModelPackage candidate, ModelPackage? live)
    {
        using var candidateSays = new ModelSide(candidate, embeddings, headAnswers: false);
        using var liveSays = live is null ? null : new ModelSide(live, embeddings, headAnswers: true);
        var answers = new List<PartAnswer>();
        var good = candidate.Manifest.GoodClass;
        foreach (var part in LabelledPart.Of(samples, good))
        {
            // A part of which one of them can say nothing tells nothing: a class that lies in one fold only, or that it was trained on without a prediction.
            if (candidateSays.Of(part) is not { Answer: var candidateAnswer }) continue;
            if (liveSays is null) answers.Add(new(part.Part, part.Label, part.Label == good, candidateAnswer, null));
            else if (liveSays.Of(part) is { Answer: var liveAnswer }) answers.Add(new(part.Part, part.Label, part.Label == good, candidateAnswer, liveAnswer));
        }

        return answers;
    }
}
