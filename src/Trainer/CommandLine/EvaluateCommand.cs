using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Inference.Packages;
using Trainer.DataSets;
using Trainer.Evaluation;
using Trainer.Heads;

namespace Trainer.CommandLine;

/// <summary><c>trainer evaluate</c>: how a model does on photographs that have a class.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var data = new DataOptions();
        var model = new Option<string>("--model") { Description = "Directory of the package.", Required = true };
        var command = new Command("evaluate", "Judge a folder with one folder a class and compare.\n\nExample: trainer evaluate --model model --data tiles --json") { model };
        data.AddTo(command);
        command.SetAction(parsed => Failures.Report(() =>
        {
            var package = PackageReader.Read(Path.GetFullPath(parsed.GetRequiredValue(model)));
            var spec = package.Manifest.Embedding;
            var embedded = data.Embed(parsed, BuiltBackbone.Find(spec.Backbone, package.Directory), spec.Preparation);
            var report = Judge(package, embedded);
            Console.WriteLine(parsed.GetValue(data.Json) ? JsonSerializer.Serialize(report, TrainerJson.Default.EvaluationReport) : Text(report));
        }));
        return command;
    }

    private static EvaluationReport Judge(ModelPackage package, EmbeddedDataSet data)
    {
        var classes = package.Manifest.Classes.ToList();
        var stranger = data.Photographs.FirstOrDefault(p => !classes.Contains(p.Class));
        if (stranger is not null)
            throw new DataSetException($"The model does not know the class '{stranger.Class}' (it knows {string.Join(", ", classes)}). Take its folder away, or train again.");
        var length = package.Manifest.Embedding.Length;
        using var session = ParityGate.Open(package.Head.ToArray(), length, classes.Count);
        var probabilities = new List<double[]>();
        for (var i = 0; i < data.Photographs.Count; i++)
            probabilities.Add([.. session.Run(data.Values.AsSpan(i * length, length)).Probabilities.ToArray().Select(p => (double)p)]);
        return Evaluator.Report(
            classes, [.. data.Photographs.Select(p => classes.IndexOf(p.Class))], probabilities, [.. data.Photographs.Select(p => p.Part)],
            package.Manifest.OutOfFold.Select(p => p.Part).ToHashSet(StringComparer.Ordinal), data.Skipped.Count);
    }

    private static string Text(EvaluationReport report)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{report.Images} images of {report.Parts} parts, {report.Skipped} skipped; in brackets 95 % intervals resampled by part");
        if (report.SeenParts > 0)
            text.AppendLine(CultureInfo.InvariantCulture, $"! {report.SeenParts} of these parts bear the ids of parts that the model was trained on. Where they are the same, all figures below flatter it: judge by parts that it has not seen, or by the out-of-fold figures that 'trainer train' printed.");
        text.AppendLine(CultureInfo.InvariantCulture, $"accuracy {With(report.Accuracy, report.AccuracyInterval)}  macro-F1 {With(report.MacroF1, report.MacroF1Interval)}  calibration error {report.CalibrationError:0.000}");
        foreach (var c in report.Classes)
            text.AppendLine(CultureInfo.InvariantCulture, $"  {c.Name,-16} {c.Images,5}  precision {With(c.Precision, c.PrecisionInterval)}  recall {With(c.Recall, c.RecallInterval)}  F1 {With(c.F1, c.F1Interval)}");
        text.Append("confusion, truth by row:");
        for (var t = 0; t < report.Classes.Count; t++)
            text.Append(CultureInfo.InvariantCulture, $"\n  {report.Classes[t].Name,-16} {string.Join(' ', report.Confusion[t].Select(n => n.ToString(CultureInfo.InvariantCulture).PadLeft(5)))}");
        return text.ToString();
    }

    private static string With(double value, Interval interval) => string.Create(CultureInfo.InvariantCulture, $"{value:0.000} [{interval.Low:0.000}, {interval.High:0.000}]");
}
