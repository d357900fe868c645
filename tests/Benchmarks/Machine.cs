using System.Reflection;
using System.Runtime.InteropServices;
using Inference.Runtime;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;

namespace Benchmarks;

/// <summary>What a figure was measured on; printed over every table.</summary>
internal static class Machine
{
    public static string Describe()
    {
        var version = typeof(RuntimeOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return $"{Processor()}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}; " +
            $".NET {Environment.Version}, ONNX Runtime {OrtEnv.Instance().GetVersionString()} ({string.Join(", ", ExecutionProviders.Present)}), " +
            $"OpenCV {Cv2.GetVersionString()}; version {version}";
    }

    private static string Processor()
    {
        const string key = "model name";
        var line = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }
}
