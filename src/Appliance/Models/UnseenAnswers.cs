using Inference.Embeddings;
using Inference.Heads;
using Inference.Jobs;
using Inference.Packages;
using Inference.Runtime;

namespace Appliance.Models;

/// <summary>What a head says of one inspection.</summary>
/// <param name="Probabilities">[C], in the order of the model's classes.</param>
internal readonly record struct HeadAnswer(float[] Probabilities, float Distance);

/// <summary>A labelled part, and what a model that has not seen it says of each of its inspections; at least one.</summary>
internal sealed record UnseenPart(string Part, string Label, IReadOnlyList<HeadAnswer> Answers);

/// <summary>What a model says of the labelled parts that it has not seen.</summary>
/// <param name="LeftOut">Labelled parts of which it can say nothing: it was trained on them and kept no prediction of then, or their embeddings are gone.</param>
/// <param name="Differing">Labelled parts whose labels are not all the same, see <see cref="LabelledPart"/>.</param>
internal sealed record UnseenParts(IReadOnlyList<UnseenPart> Parts, int LeftOut, int Differing);

/// <summary>
/// What a model says of labelled parts without having seen them: by the out-of-fold predictions of then where it was trained on the part,
/// by its head where the part came later. Never by a head that has seen the part.
/// </summary>
internal sealed class UnseenAnswers : IDisposable
{
    private readonly EmbeddingFileReader embeddings;
    private readonly HeadSession head;
    private readonly Dictionary<string, HeadAnswer> outOfFold;
    private readonly HashSet<string> seenParts;
    private readonly HashSet<string> silentClasses;
    private readonly bool headAnswers;
    private readonly string goodClass;
    private readonly float[] embedding;

    /// <param name="headAnswers">False for a model that was trained on all of these parts just now.</param>
    public UnseenAnswers(ModelPackage model, EmbeddingFileReader embeddings, bool headAnswers = true)
    {
        (this.embeddings, this.headAnswers) = (embeddings, headAnswers);
        var manifest = model.Manifest;
        head = HeadSession.Load(model, RuntimeOptions.Default);
        goodClass = manifest.GoodClass;
        outOfFold = manifest.OutOfFold.ToDictionary(p => p.Sample, p => new HeadAnswer([.. p.Probabilities], p.Distance), StringComparer.Ordinal);
        seenParts = manifest.OutOfFold.Select(p => p.Part).ToHashSet(StringComparer.Ordinal);
        // Classes without a prediction of then: which of their parts it was trained on, nobody can tell.
        silentClasses = manifest.Classes.Except(manifest.OutOfFold.Select(p => p.Label)).ToHashSet(StringComparer.Ordinal);
        embedding = new float[manifest.Embedding.Length];
    }

    /// <summary>The part's inspections as the model judges them unseen; null where nothing can be said.</summary>
    public UnseenPart? Of(LabelledPart part)
    {
        if (silentClasses.Contains(part.Label)) return null;
        var answers = part.Samples.Select(Answer).OfType<HeadAnswer>().ToList();
        return answers.Count == 0 ? null : new(part.Part, part.Label, answers);
    }

    /// <summary>All labelled parts, each as the model judges it unseen, and how many nothing can be said of.</summary>
    public UnseenParts All(IEnumerable<TrainingSample> samples)
    {
        var parts = LabelledPart.Of(samples, goodClass).ToList();
        List<UnseenPart> said = [.. parts.Select(Of).OfType<UnseenPart>()];
        return new(said, parts.Count - said.Count, parts.Count(p => p.Differs));
    }

    public void Dispose() => head.Dispose();

    private HeadAnswer? Answer(TrainingSample sample)
    {
        if (outOfFold.TryGetValue(sample.Sample, out var kept)) return kept;
        if (!headAnswers || seenParts.Contains(sample.Part)) return null;
        // Damaged, the row says nothing of its part; 'appliance verify' finds it.
        if (!embeddings.TryRead(sample.Row, embedding, out _)) return null;
        var output = head.Run(embedding);
        return new(output.Probabilities.ToArray(), output.Distance);
    }
}
