using Appliance.Models;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Packages;

namespace Appliance.Training;

/// <summary>One of two models that are compared: what it says of a part that it has not seen, and its verdict. Owns its head.</summary>
/// <param name="headAnswers">False for a model that was trained on all of these parts just now.</param>
internal sealed class ModelSide(ModelPackage model, EmbeddingFileReader embeddings, bool headAnswers) : IDisposable
{
    private readonly UnseenAnswers answers = new(model, embeddings, headAnswers);
    private readonly PolicyDecider decider = new(model.Manifest.Classes, model.Manifest.GoodClass, model.Policy);

    /// <summary>Null where it can say nothing.</summary>
    public (UnseenPart Unseen, ModelAnswer Answer)? Of(LabelledPart part) => answers.Of(part) is { } unseen
        ? (unseen, new(Gate.MostProbable(unseen.Answers.Select(a => a.Probabilities), model.Manifest.Classes), PartOutcome.Of(decider, unseen, part.Label == model.Manifest.GoodClass)))
        : null;

    public void Dispose() => answers.Dispose();
}
