using System.Reflection;
using System.Text.Json;
using Appliance.Journal;

namespace Appliance.Tests;

/// <summary>The service that must not fall holds no training code: TorchSharp lives in the trainer's process only.</summary>
public sealed class ReferencesTests
{
    private static readonly string[] Foreign = ["trainer", "TorchSharp", "libtorch", "Google.Protobuf"];

    [Fact]
    public void Appliance_References_NeitherTorchSharpNorTrainer()
    {
        var appliance = typeof(StationJournal).Assembly;
        var inference = Assembly.Load(appliance.GetReferencedAssemblies().Single(a => a.Name == "Inference"));

        Assert.DoesNotContain(appliance.GetReferencedAssemblies().Concat(inference.GetReferencedAssemblies()), a => IsForeign(a.Name!));
    }

    // An unused reference is not in the assembly, but its files would still be delivered.
    [Fact]
    public void Appliance_Delivery_HoldsNeitherTorchSharpNorTrainer()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "appliance.deps.json")));
        var libraries = json.RootElement.GetProperty("libraries").EnumerateObject().Select(l => l.Name).ToList();

        Assert.Contains(libraries, name => name.StartsWith("Microsoft.ML.OnnxRuntime/", StringComparison.Ordinal));
        Assert.DoesNotContain(libraries, IsForeign);
    }

    private static bool IsForeign(string name) => Foreign.Any(f => name.StartsWith(f, StringComparison.OrdinalIgnoreCase));
}
