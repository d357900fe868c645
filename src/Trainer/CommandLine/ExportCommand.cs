using System.CommandLine;
using System.Globalization;
using Inference.Files;
using Inference.Packages;
using Trainer.Export;
using Trainer.Heads;

namespace Trainer.CommandLine;

/// <summary><c>trainer export</c>: a model as one ONNX file for other servers.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var merged = new Option<string>("--merged") { Description = "The ONNX file to write: from pixels to probabilities in one graph.", Required = true };
        var model = new Option<string>("--model") { Description = "Directory of the package.", DefaultValueFactory = _ => "model" };
        var command = new Command(
            "export",
            """
            Write a model as one ONNX file for other servers, after it was held against backbone and head.

            Examples:
              trainer export --merged tiles.onnx --model model
              trainer export --merged tiles.onnx --model /var/lib/inspection-appliance/models/3fa9…
            """)
        {
            merged, model,
        };
        command.SetAction(parsed => Failures.Report(() =>
        {
            var package = PackageReader.Read(Path.GetFullPath(parsed.GetRequiredValue(model)));
            var output = Path.GetFullPath(parsed.GetRequiredValue(merged));
            if (Directory.Exists(output)) throw new TrainingRefusedException($"{output} is a directory. Name the file to write.");
            var backbone = BuiltBackbone.Find(package.Manifest.Embedding.Backbone, package.Directory);
            var onnx = MergedGraph.Build(package, File.ReadAllBytes(backbone));
            var difference = MergedCheck.Check(package, backbone, onnx);
            WholeFile.Write(LinuxFileSystem.Instance, OutputPath.Of(output), onnx);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"model {package.ModelId[..12]} in {output}, {onnx.Length} bytes; differs from backbone and head by at most {difference:g2}"));
        }));
        return command;
    }
}
