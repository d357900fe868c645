using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Inference.Jobs;
using Inference.Packages;
using Trainer.Heads;

namespace Trainer.CommandLine;

/// <summary><c>trainer train</c>: from a folder of photographs to a model package.</summary>
internal static class TrainCommand
{
    private static readonly string[] GoodNames = ["good", "ok", "free", "normal"];

    public static Command Create()
    {
        var data = new DataOptions();
        var output = new Option<string>("--out") { Description = "Directory of the package; must not exist.", Required = true };
        var good = new Option<string?>("--good") { Description = "The class that means a good part. Default: the one called good, ok, free or normal." };
        var seed = new Option<int>("--seed") { Description = "Seed of what is random.", DefaultValueFactory = _ => 1 };
        var command = new Command("train", "Train a head from a folder with one folder a class.\n\nExample: trainer train --data tiles --good free --out model") { output, good, seed };
        data.AddTo(command);
        command.SetAction(parsed => Failures.Report(() =>
        {
            var directory = Path.GetFullPath(parsed.GetRequiredValue(output));
            if (Directory.Exists(directory)) throw new TrainingRefusedException($"{directory} is there already. Name a directory that is not.");
            var embedded = data.Embed(parsed, BuiltBackbone.Default, null);
            var names = embedded.Photographs.Select(p => p.Class).Distinct(StringComparer.Ordinal).ToList();
            var goodClass = parsed.GetValue(good) ?? names.FirstOrDefault(n => GoodNames.Contains(n, StringComparer.OrdinalIgnoreCase))
                ?? throw new TrainingRefusedException($"Which class means a good part? Say --good with one of: {string.Join(", ", names)}.");
            var samples = embedded.Photographs.Select((p, i) => new TrainingSample(p.File, p.Part, i, p.Class)).ToList();
            var set = new TrainingSet(embedded.Embedding, samples, embedded.Values, goodClass);
            var head = HeadTrainer.Train(set, parsed.GetValue(seed), progress: phase => Console.Error.WriteLine(phase));
            var version = typeof(TrainCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
            var manifest = HeadPackage.Write(set, head, null, directory, $"trainer {version}", TimeProvider.System);
            Console.WriteLine(parsed.GetValue(data.Json) ? Line(directory, manifest, embedded.Skipped.Count) : Text(directory, manifest));
        }));
        return command;
    }

    private static string Line(string directory, ModelManifest manifest, int skipped) =>
        JsonSerializer.Serialize(new TrainSummary(directory, manifest.ModelId, manifest.Classes, skipped, manifest.Metrics, manifest.Choices), TrainerJson.Default.TrainSummary);

    private static string Text(string directory, ModelManifest manifest) =>
        string.Create(CultureInfo.InvariantCulture, $"model {manifest.ModelId[..12]} in {directory}\nout-of-fold macro-F1 {manifest.Metrics["macroF1"]:0.000}, accuracy {manifest.Metrics["accuracy"]:0.000}\n")
        + string.Join('\n', manifest.Choices.Select(c => "  " + c));
}

/// <summary>What <c>trainer train --json</c> prints.</summary>
internal sealed record TrainSummary(
    string Model, string ModelId, IReadOnlyList<string> Classes, int Skipped, IReadOnlyDictionary<string, double> Metrics, IReadOnlyList<string> Choices);
