using Inference.Embeddings;
using Inference.Jobs;
using Inference.Preparation;
using Trainer.Heads;

namespace Trainer.Tests.Heads;

/// <summary>Embeddings drawn around a centre a class, from a seed; a real fit runs on them.</summary>
internal static class Synthetic
{
    public static EmbeddingSpec Spec { get; } = new(
        new string('a', 64), new PreparationSpec(), [new("s5.avg", 0, 12), new("s5.max", 12, 12), new("s8.avg", 24, 20), new("s8.max", 44, 20)]);

    public static TrainingSet Set(int perClass, params string?[] labels)
    {
        var random = new Random(7);
        var samples = new List<TrainingSample>();
        var values = new List<float>();
        foreach (var label in labels)
        {
            var centre = Enumerable.Range(0, Spec.Length).Select(_ => random.NextSingle() * 2).ToArray();
            for (var i = 0; i < perClass; i++)
            {
                samples.Add(new($"{label}-{i}", $"{label}-part{i / 2}", samples.Count, label));
                values.AddRange(centre.Select(c => c + random.NextSingle()));
            }
        }

        return new(Spec, samples, [.. values], "good");
    }
}
