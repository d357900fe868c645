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
    private readonly float[] embedding;

    /// <param name="headAnswers">False for a model that was trained on all of these parts just now.</param>
    public UnseenAnswers(ModelPackage model, EmbeddingFileReader embeddings, bool headAnswers = true)
    {
        (this.embeddings, this.headAnswers) = (embeddings, headAnswers);
        var manifest = model.Manifest;
        head = HeadSession.Load(model.Head.ToArray(), manifest.Embedding.Length, manifest.Classes.Count, new RuntimeOptions { Threads = 1 });
        outOfFold = manifest.OutOfFold.ToDictionary(p => p.Sample, p => new HeadAnswer([.. p.Probabilities], p.Distance), StringComparer.Ordinal);
        seenParts = manifest.OutOfFold.Select(p => p.Part).ToHashSet(StringComparer.Ordinal);
        // Classes without a prediction of then: which of their parts it was trained on, nobody can tell.
        silentClasses = manifest.Classes.Except(manifest.OutOfFold.Select(p => p.Label)).ToHashSet(StringComparer.Ordinal);
        embedding = new float[manifest.Embedding.Length];
    }

    /// <summary>Labelled samples by part; what most of a part's labels say is its label.</summary>
    public static IEnumerable<(string Part, string Label, IReadOnlyList<TrainingSample> Samples)> Labelled(IEnumerable<TrainingSample> samples) =>
        from part in samples.Where(s => s.Label is not null).GroupBy(s => s.Part, StringComparer.Ordinal)
        select (part.Key, part.GroupBy(s => s.Label!, StringComparer.Ordinal).OrderByDescending(g => g.Count()).First().Key, (IReadOnlyList<TrainingSample>)[.. part]);

    /// <summary>The part's inspections as the model judges them unseen; null where nothing can be said.</summary>
    public UnseenPart? Of(string part, string label, IEnumerable<TrainingSample> samples)
    {
        if (silentClasses.Contains(label)) return null;
        var answers = samples.Select(Answer).OfType<HeadAnswer>().ToList();
        return answers.Count == 0 ? null : new(part, label, answers);
    }

    /// <summary>All labelled parts that something can be said of.</summary>
    public IReadOnlyList<UnseenPart> All(IEnumerable<TrainingSample> samples) => [.. Labelled(samples).Select(p => Of(p.Part, p.Label, p.Samples)).OfType<UnseenPart>()];

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
