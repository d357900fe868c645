using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Inference.Backbones;
using Inference.Runtime;
using Trainer.Onnx;

namespace Benchmarks;

/// <summary>Writes the backbones that are compared with the trainer's own command: the same weights with bytes or with floats as input.</summary>
internal static class BenchmarkNetworks
{
    public const int SizePx = 320;

    private const string Architecture = "efficientnet_lite0";

    /// <summary>uint8 [1,320,320,3]: as the appliance runs it.</summary>
    public static BackboneSession Pixels(string? weights, RuntimeOptions options) =>
        Written(weights, "uint8", path => BackboneSession.Load(path, null, options));

    /// <summary>The same without its maps among the outputs.</summary>
    public static BackboneSession WithoutMaps(string? weights, RuntimeOptions options) => Written(weights, "uint8", path =>
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        foreach (var map in model.Graph.Output.Where(o => o.Name.StartsWith("map.", StringComparison.Ordinal)).ToList())
        {
            model.Graph.Output.Remove(map);
            model.Graph.Node.Remove(model.Graph.Node.Single(n => n.Output[0] == map.Name));
        }

        File.WriteAllBytes(path, model.ToByteArray());
        return BackboneSession.Load(path, null, options);
    });

    /// <summary>Writes the uint8 graph at a size, hands its path over, and deletes it.</summary>
    public static T AtSize<T>(int sizePx, Func<string, T> read) => Written(null, "uint8", read, sizePx);

    /// <summary>The float [1,3,320,320] graph: the usual export.</summary>
    public static byte[] Normalised(string? weights) => Written(weights, "float", File.ReadAllBytes);

    private static T Written<T>(string? weights, string input, Func<string, T> read, int sizePx = SizePx)
    {
        var root = Repository.Root;
        weights ??= Path.Combine(root, "models", Architecture + ".f16.safetensors");
        if (!File.Exists(weights)) throw new BenchmarkException($"There are no weights at {weights}; name them with --weights FILE.");
        var path = Path.Combine(Path.GetTempPath(), $"benchmark-{Environment.ProcessId}-{input}.onnx");
        try
        {
            Start(
                Path.Combine(root, "out", "trainer", "trainer"),
                "backbone", "--weights", weights, "--architecture", Architecture, "--input", input, "--out", path,
                "--size", sizePx.ToString(CultureInfo.InvariantCulture));
            return read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Start(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })
            ?? throw new BenchmarkException($"{program} did not start.");
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new BenchmarkException($"{program} {string.Join(' ', arguments)} failed: {errors}");
    }
}
