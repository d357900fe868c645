using Appliance.Models;
using Inference.Decisions;
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
        using var candidateSays = new Side(candidate, embeddings, headAnswers: false);
        using var liveSays = live is null ? null : new Side(live, embeddings, headAnswers: true);
        var answers = new List<PartAnswer>();
        var good = candidate.Manifest.GoodClass;
        foreach (var part in LabelledPart.Of(samples, good))
        {
            // A part of which one of them can say nothing tells nothing: a class that lies in one fold only, or that it was trained on without a prediction.
            if (candidateSays.Of(part) is not { } candidateAnswer) continue;
            if (liveSays is null) answers.Add(new(part.Part, part.Label, part.Label == good, candidateAnswer, null));
            else if (liveSays.Of(part) is { } liveAnswer) answers.Add(new(part.Part, part.Label, part.Label == good, candidateAnswer, liveAnswer));
        }

        return answers;
    }

    private sealed class Side(ModelPackage model, EmbeddingFileReader embeddings, bool headAnswers) : IDisposable
    {
        private readonly UnseenAnswers answers = new(model, embeddings, headAnswers);
        private readonly PolicyDecider decider = new(model.Manifest.Classes, model.Manifest.GoodClass, model.Policy);

        public ModelAnswer? Of(LabelledPart part) => answers.Of(part) is { } unseen
            ? new(Gate.MostProbable(unseen.Answers.Select(a => a.Probabilities), model.Manifest.Classes), PartOutcome.Of(decider, unseen, part.Label == model.Manifest.GoodClass))
            : null;

        public void Dispose() => answers.Dispose();
    }
}
