using System.Globalization;
using Appliance.Models;
using Appliance.Training;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Jobs;
using Inference.Packages;
using Trainer.Jobs;

namespace Benchmarks;

/// <summary>
/// What a station ends up with when it follows the gate. A live head is trained on some parts and a candidate on more of them; the gate sees labelled parts only, and both
/// are then judged by parts that neither has seen. Real photographs, dealt anew by part with each seed.
/// </summary>
internal static class GateBenchmark
{
    private const string Good = KeptPhotographs.Good;

    public static Benchmark Entry { get; } = new("gate", "the gate's answers held against parts that it has not seen [--seeds 10]", Run);

    private static Task Run(BenchmarkArguments arguments)
    {
        using var kept = new KeptPhotographs();
        foreach (var growth in Growths) Print(growth, [.. Enumerable.Range(1, arguments.Number("seeds", 10)).Select(seed => Judge(growth, kept, seed))]);
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

    private static Round Judge(Growth growth, KeptPhotographs kept, int seed)
    {
        var random = new Random(seed);
        var parts = kept.Samples.GroupBy(s => s.Part, StringComparer.Ordinal).Select(g => g.ToList()).ToArray();
        random.Shuffle(parts);
        var (labelled, unseen) = (parts[..(parts.Length / 2)], parts[(parts.Length / 2)..]);
        var first = (int)(growth.First * labelled.Length);
        var liveSamples = labelled[..first].Where(p => p.All(s => growth.Live(s.Label!))).SelectMany(p => p).ToList();
        var later = labelled[..first].Where(p => !p.All(s => growth.Live(s.Label!))).SelectMany(p => p)
            .Concat(labelled[first..].SelectMany(p => p.Select(s => s with { Label = growth.Relabel(s.Label!, random) })));
        var live = Train(kept, liveSamples, "live");
        var samples = liveSamples.Concat(later).ToList();
        var candidate = Train(kept, samples, "candidate");
        using var embeddings = new EmbeddingFileReader(kept.EmbeddingFile, kept.Embedding);
        var gate = Gate.Judge(GateEvidence.Gather(samples, embeddings, candidate, live), hasLive: true);
        var held = LabelledPart.Of(unseen.SelectMany(p => p), Good).ToList();
        var (before, after) = (Ask(live, held, embeddings), Ask(candidate, held, embeddings));
        var both = held.Where(p => before.ContainsKey(p.Part) && after.ContainsKey(p.Part)).ToList();
        return new(gate, Measure(both, before), Measure(both, after));
    }

    private static ModelPackage Train(KeptPhotographs kept, IReadOnlyList<TrainingSample> samples, string name)
    {
        var output = kept.PathOf(name);
        if (Directory.Exists(output)) Directory.Delete(output, recursive: true);
        using var events = new StringWriter();
        return new JobRunner(events, TimeProvider.System).Run(kept.WriteJob(samples, output)) == 0 ? PackageReader.Read(output) : throw new BenchmarkException(events.ToString());
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
