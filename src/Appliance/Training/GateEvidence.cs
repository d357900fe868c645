using Inference.Embeddings;
using Inference.Heads;
using Inference.Jobs;
using Inference.Packages;
using Inference.Runtime;

namespace Appliance.Training;

/// <summary>Gathers what two models say of labelled parts that they have not seen, from kept predictions and kept embeddings.</summary>
internal static class GateEvidence
{
    /// <param name="samples">The samples of the candidate's job; labelled ones count.</param>
    public static IReadOnlyList<PartAnswer> Gather(IReadOnlyList<TrainingSample> samples, EmbeddingFileReader embeddings, ModelPackage candidate, ModelPackage? live)
    {
        var candidateOut = candidate.Manifest.OutOfFold.ToDictionary(p => p.Sample, p => p.Probabilities, StringComparer.Ordinal);
        using var liveSays = live is null ? null : new LiveAnswers(live, embeddings);
        var answers = new List<PartAnswer>();
        foreach (var part in samples.Where(s => s.Label is not null).GroupBy(s => s.Part, StringComparer.Ordinal))
        {
            var outOfFold = part.Select(s => candidateOut.GetValueOrDefault(s.Sample)).OfType<IReadOnlyList<float>>().ToList();
            // A part without a prediction of the candidate tells nothing about it: a class that lies in one fold only.
            if (outOfFold.Count == 0) continue;
            var label = part.GroupBy(s => s.Label!, StringComparer.Ordinal).OrderByDescending(g => g.Count()).First().Key;
            string? liveAnswer = null;
            if (liveSays is not null && !liveSays.TryAnswer(part, label, out liveAnswer)) continue;
            answers.Add(new(part.Key, label, Gate.MostProbable(outOfFold, candidate.Manifest.Classes), liveAnswer));
        }

        return answers;
    }

    private sealed class LiveAnswers : IDisposable
    {
        private readonly ModelPackage live;
        private readonly EmbeddingFileReader embeddings;
        private readonly HeadSession head;
        private readonly Dictionary<string, IReadOnlyList<float>> outOfFold;
        private readonly HashSet<string> seenParts;
        private readonly HashSet<string> silentClasses;
        private readonly float[] embedding;

        public LiveAnswers(ModelPackage live, EmbeddingFileReader embeddings)
        {
            (this.live, this.embeddings) = (live, embeddings);
            head = HeadSession.Load(live.Head.ToArray(), live.Manifest.Embedding.Length, live.Manifest.Classes.Count, new RuntimeOptions { Threads = 1 });
            outOfFold = live.Manifest.OutOfFold.ToDictionary(p => p.Sample, p => p.Probabilities, StringComparer.Ordinal);
            seenParts = live.Manifest.OutOfFold.Select(p => p.Part).ToHashSet(StringComparer.Ordinal);
            // Classes without a prediction of then: which of their parts it was trained on, nobody can tell.
            silentClasses = live.Manifest.Classes.Except(live.Manifest.OutOfFold.Select(p => p.Label)).ToHashSet(StringComparer.Ordinal);
            embedding = new float[live.Manifest.Embedding.Length];
        }

        /// <summary>
        /// A part that it was trained on is answered by the predictions of then, never by the head that has seen it; false where there
        /// is none, for then the part tells nothing about it.
        /// </summary>
        public bool TryAnswer(IEnumerable<TrainingSample> part, string label, out string? answer)
        {
            answer = silentClasses.Contains(label) ? null : Gate.MostProbable(part.Select(Probabilities).OfType<IReadOnlyList<float>>(), live.Manifest.Classes);
            return answer is not null;
        }

        public void Dispose() => head.Dispose();

        private IReadOnlyList<float>? Probabilities(TrainingSample sample)
        {
            if (outOfFold.TryGetValue(sample.Sample, out var kept)) return kept;
            if (seenParts.Contains(sample.Part)) return null;
            embeddings.Read(sample.Row, embedding);
            return head.Run(embedding).Probabilities.ToArray();
        }
    }
}
