using System.CommandLine;
using Inference.Files;
using Trainer.Weights;

namespace Trainer.CommandLine;

/// <summary><c>trainer weights convert IN OUT --half</c>: how the weights under <c>models/</c> were made.</summary>
internal static class WeightsCommand
{
    public static Command Create() => new("weights", "Work on weight files.") { Convert() };

    private static Command Convert()
    {
        var source = new Argument<string>("IN") { Description = "Weights to read (safetensors)." };
        var target = new Argument<string>("OUT") { Description = "The file to write (safetensors)." };
        var half = new Option<bool>("--half") { Description = "Round to half precision.", Required = true };
        var without = new Option<string[]>("--without") { Description = "Leave out tensors whose name starts with this, for example 'classifier.'." };
        var command = new Command("convert", "Convert weights to half precision.") { source, target, half, without };
        command.SetAction(result => Run(result.GetRequiredValue(source), result.GetRequiredValue(target), result.GetValue(without) ?? []));
        return command;
    }

    private static int Run(string source, string target, string[] without)
    {
        try
        {
            using var file = SafetensorsFile.Open(source);
            var tensors = file.Tensors.Values
                .Where(tensor => !without.Any(prefix => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)))
                .OrderBy(tensor => tensor.Offset)
                .Select(tensor => new NamedTensor(tensor.Name, tensor.Shape, file.ReadFloats(tensor.Name)))
                .ToList();
            WholeFile.Write(LinuxFileSystem.Instance, OutputPath.Of(target), SafetensorsWriter.WriteHalf(tensors, file.Metadata));
            return 0;
        }
        catch (Exception e) when (e is WeightFileException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }
}
