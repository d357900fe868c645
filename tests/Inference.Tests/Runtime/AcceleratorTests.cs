using System.Text.Json;

namespace Inference.Tests.Runtime;

/// <summary>The packages that a build takes, as MSBuild evaluates them; those for CUDA need not be there to be restored.</summary>
public sealed class AcceleratorTests
{
    [Theory]
    [InlineData("Inference", "cpu", "Microsoft.ML.OnnxRuntime", "Microsoft.ML.OnnxRuntime.Gpu")]
    [InlineData("Inference", "cuda", "Microsoft.ML.OnnxRuntime.Gpu", "Microsoft.ML.OnnxRuntime")]
    [InlineData("Trainer", "cpu", "TorchSharp-cpu", "TorchSharp-cuda-linux")]
    [InlineData("Trainer", "cuda", "TorchSharp-cuda-linux", "TorchSharp-cpu")]
    public async Task PackageReferences_ByAccelerator_TakeOneOfEach(string project, string accelerator, string taken, string left)
    {
        var references = await PackageReferences(project, accelerator);

        Assert.Contains(taken, references);
        Assert.DoesNotContain(left, references);
    }

    private static async Task<List<string?>> PackageReferences(string project, string accelerator)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Appliance.sln"))) root = root.Parent ?? throw new DirectoryNotFoundException("Appliance.sln");
        var path = Path.Combine(root.FullName, "src", project, project + ".csproj");
        string[] arguments = ["msbuild", path, "-getItem:PackageReference", "-p:Accelerator=" + accelerator];
        var (code, output, errors) = await ProcessEnd.RunAsync(new("dotnet", arguments) { Environment = { ["MSBUILDDISABLENODEREUSE"] = "1" } });

        Assert.True(code == 0, output + errors);
        using var json = JsonDocument.Parse(output);
        return [.. json.RootElement.GetProperty("Items").GetProperty("PackageReference").EnumerateArray().Select(item => item.GetProperty("Identity").GetString())];
    }
}
