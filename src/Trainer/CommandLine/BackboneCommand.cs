using System.CommandLine;
using Inference.Files;
using Trainer.Networks;
using Trainer.Weights;

namespace Trainer.CommandLine;

/// <summary><c>trainer backbone</c>: weights to an ONNX backbone.</summary>
internal static class BackboneCommand
{
    /// <summary>Below 32 the last stage has no pixel; above 2048 it is a typing error.</summary>
    private const int MinSizePx = 32;
    private const int MaxSizePx = 2048;

    public static Command Create()
    {
        var weights = new Option<string>("--weights") { Description = "Weights (safetensors, torchvision's names; F32, F16 or BF16).", Required = true };
        var size = new Option<int>("--size") { Description = "Height and width of the input in pixels.", DefaultValueFactory = _ => 320 };
        var output = new Option<string>("--out") { Description = "The ONNX file to write.", Required = true };
        var architecture = new Option<string?>("--architecture") { Description = "The network; by default what the weights say." };
        var input = new Option<string>("--input") { Description = "uint8: pixels [N,H,W,3]; float: normalised [N,3,H,W].", DefaultValueFactory = _ => "uint8" };
        architecture.AcceptOnlyFromAmong([.. Presets.Names]);
        input.AcceptOnlyFromAmong("uint8", "float");
        size.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < MinSizePx or > MaxSizePx) result.AddError($"--size must be from {MinSizePx} to {MaxSizePx} pixels.");
        });
        var command = new Command("backbone", "Write an ONNX backbone from a weight file.") { weights, size, output, architecture, input };
        command.SetAction(result => Run(
            result.GetRequiredValue(weights),
            result.GetValue(architecture),
            new(result.GetValue(size), result.GetValue(size), result.GetValue(input) == "float" ? BackboneInput.Normalised : BackboneInput.Pixels),
            result.GetRequiredValue(output)));
        return command;
    }

    private static int Run(string weightsPath, string? architecture, BackboneOptions options, string output)
    {
        try
        {
            using var file = SafetensorsFile.Open(weightsPath);
            var network = Choose(file, architecture);
            WholeFile.Write(LinuxFileSystem.Instance, OutputPath.Of(output), BackboneGraph.Build(network, NetworkWeights.Read(file, network), options));
            return 0;
        }
        catch (Exception e) when (e is WeightFileException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    private static Network Choose(SafetensorsFile file, string? architecture)
    {
        if (architecture is not null) return Presets.Find(architecture)!;
        return NetworkWeights.TryFindNetwork(file, out var network)
            ? network
            : throw new WeightFileException(file.Path, "does not say which network it is for", $"Give --architecture: {string.Join(", ", Presets.Names)}.");
    }
}
