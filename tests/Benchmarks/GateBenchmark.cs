using System.Globalization;
using System.Text.Json;
using Appliance.Models;
using Appliance.Training;
using Inference;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Files;
using Inference.Jobs;
using Inference.Packages;
using Trainer.DataSets;
using Trainer.Jobs;

namespace Benchmarks;

/// <summary>
/// What a station ends up with when it follows the gate. A live head is trained on some parts and a candidate on more of them; the gate sees labelled parts only, and both
/// are then judged by parts that neither has seen. Real photographs, dealt anew by part with each seed.
/// </summary>
internal static class GateBenchmark
{
    private const string Good = "free";

    public static Benchmark Entry { get; } = new("gate", "the gate's answers held against parts that it has not seen [--seeds 10]", Run);

    private static Task Run(BenchmarkArguments arguments)
    {
        var backbone = Path.Combine(Repository.Root, "out/trainer/backbones/efficientnet_lite0-320.onnx");
        var data = FolderEmbedder.Embed(FolderDataSet.Read(Repository.MagneticTile, null), backbone, null);
        var state = Directory.CreateTempSubdirectory("gate").FullName;
        try
        {
            var all = Keep(data, Path.Combine(state, "embeddings"));
            foreach (var growth in Growths)
            {
                var rounds = Enumerable.Range(1, arguments.Number("seeds", 10)).Select(seed => Judge(growth, all, data.Embedding, backbone, state, seed)).ToList();
                Print(growth, rounds);
            }
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }

        return Task.CompletedTask;
    }

    /// <summary>How the candidate's labels differ from those that the live model had.</summary>
    /// <param name="Live">What the live model was trained on, of the parts that are labelled first.</param>
    /// <param name="Relabel">Label of a part that is labelled later.</param>
    private sealed record Growth(string Name, double First, Func<string, bool> Live, Func<string, Random, string> Relabel);

    private static readonly Growth[] Growths =
    [
        new("a third more labels", 0.75, _ => true, (label, _) => label),
        new("a tenth more labels", 0.9, _ => true, (label, _) => label),
        new("a class that is new", 0.75, label => label != "crack", (label, _) => label),
        new("half of the new labels wrong", 0.6, _ => true, (label, random) => random.Next(2) == 0 ? label : label == Good ? "blowhole" : Good),
    ];

    private static List<TrainingSample> Keep(EmbeddedDataSet data, string file)
    {
        using var writer = new EmbeddingFileWriter(LinuxFileSystem.Instance, file, data.Embedding);
        var samples = data.Photographs.Select((p, i) => new TrainingSample(
            string.Create(CultureInfo.InvariantCulture, $"1-{i + 1}"), p.Part, writer.Append(1, (ulong)i + 1, data.Values.AsSpan(i * data.Embedding.Length, data.Embedding.Length)), p.Class)).ToList();
        writer.Sync();
        return samples;
    }

    private static Round Judge(Growth growth, List<TrainingSample> all, EmbeddingSpec embedding, string backbone, string state, int seed)
    {
        var random = new Random(seed);
        var parts = all.GroupBy(s => s.Part, StringComparer.Ordinal).Select(g => g.ToList()).ToArray();
        random.Shuffle(parts);
        var (labelled, unseen) = (parts[..(parts.Length / 2)], parts[(parts.Length / 2)..]);
        var first = (int)(growth.First * labelled.Length);
        var liveSamples = labelled[..first].Where(p => p.All(s => growth.Live(s.Label!))).SelectMany(p => p).ToList();
        var later = labelled[..first].Where(p => !p.All(s => growth.Live(s.Label!))).SelectMany(p => p)
            .Concat(labelled[first..].SelectMany(p => p.Select(s => s with { Label = growth.Relabel(s.Label!, random) })));
        var live = Train(liveSamples, embedding, backbone, state, Path.Combine(state, "live"));
        var samples = liveSamples.Concat(later).ToList();
        var candidate = Train(samples, embedding, backbone, state, Path.Combine(state, "candidate"));
        using var embeddings = new EmbeddingFileReader(Path.Combine(state, "embeddings"), embedding);
        var gate = Gate.Judge(GateEvidence.Gather(samples, embeddings, candidate, live), hasLive: true);
        var held = LabelledPart.Of(unseen.SelectMany(p => p), Good).ToList();
        var (before, after) = (Ask(live, held, embeddings), Ask(candidate, held, embeddings));
        var both = held.Where(p => before.ContainsKey(p.Part) && after.ContainsKey(p.Part)).ToList();
        return new(gate, Measure(both, before), Measure(both, after));
    }

    private static ModelPackage Train(List<TrainingSample> samples, EmbeddingSpec embedding, string backbone, string state, string directory)
    {
        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
        var job = new TrainingJob
        {
            JobId = "gate", Embedding = embedding, EmbeddingFile = Path.Combine(state, "embeddings"), BackboneFile = backbone, Samples = samples, GoodClass = Good, OutputDirectory = directory, CreatedBy = "benchmark",
        };
        var jobFile = Path.Combine(state, "job.json");
        File.WriteAllBytes(jobFile, JsonSerializer.SerializeToUtf8Bytes(job, InferenceJson.Default.TrainingJob));
        using var events = new StringWriter();
        return new JobRunner(events, TimeProvider.System).Run(jobFile) == 0 ? PackageReader.Read(directory) : throw new BenchmarkException(events.ToString());
    }

    // Without the parts of a class that lay in one fold: nobody can tell which of them the model has seen.
    private static Dictionary<string, ModelAnswer> Ask(ModelPackage model, List<LabelledPart> parts, EmbeddingFileReader embeddings)
    {
        using var side = new ModelSide(model, embeddings, headAnswers: true);
        return parts.Select(p => (p.Part, Said: side.Of(p))).Where(p => p.Said is not null).ToDictionary(p => p.Part, p => p.Said!.Value.Answer, StringComparer.Ordinal);
    }

    private static Truth Measure(List<LabelledPart> parts, Dictionary<string, ModelAnswer> answers)
    {
        var said = parts.Select(p => (p.Label, Answer: answers[p.Part])).ToList();
        var (bad, good) = (said.Where(s => s.Label != Good).ToList(), said.Where(s => s.Label == Good).ToList());
        return new(
            MacroF1.Of([.. said.Select(s => (s.Label, (string?)s.Answer.Class))]),
            bad.Count(s => s.Answer.Verdict == Verdict.Ok) / (double)bad.Count,
            good.Count(s => s.Answer.Verdict == Verdict.Ng) / (double)good.Count,
            said.Count(s => s.Answer.Verdict == Verdict.Unsure) / (double)said.Count);
    }

    private static void Print(Growth growth, List<Round> rounds)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{growth.Name}: {rounds.Count(r => r.Gate.Passes)} of {rounds.Count} pass; better by macro-F1 on unseen parts: {rounds.Count(r => r.Candidate.MacroF1 > r.Live.MacroF1)}"));
        Say("live before", rounds.Select(r => r.Live));
        Say("every candidate", rounds.Select(r => r.Candidate));
        Say("live after the gate", rounds.Select(r => r.Gate.Passes ? r.Candidate : r.Live));
        foreach (var reason in rounds.Where(r => !r.Gate.Passes).Select(r => r.Gate.Reason)) Console.WriteLine("    refused: " + reason);

        static void Say(string what, IEnumerable<Truth> truths)
        {
            var all = truths.ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-20} macro-F1 {all.Average(t => t.MacroF1):0.000}, escapes {all.Average(t => t.Escapes):0.0%}, overkill {all.Average(t => t.Overkill):0.0%}, unsure {all.Average(t => t.Unsure):0.0%}"));
        }
    }

    private sealed record Truth(double MacroF1, double Escapes, double Overkill, double Unsure);

    private sealed record Round(GateVerdict Gate, Truth Live, Truth Candidate);
}
