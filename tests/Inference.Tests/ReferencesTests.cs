using Inference.Slots;

namespace Inference.Tests;

/// <summary>Arrows point one way: this library knows nobody of ours, and nothing of what belongs to the programs alone.</summary>
public sealed class ReferencesTests
{
    [Fact]
    public void Inference_References_NobodyOfOurs()
    {
        var references = typeof(ModelSlot).Assembly.GetReferencedAssemblies().Select(a => a.Name!).ToList();

        // If nothing were found, the test would see nothing.
        Assert.Contains("Microsoft.ML.OnnxRuntime", references);
        string[] foreign = ["appliance", "trainer", "TorchSharp", "Google.Protobuf", "LiteDB", "MQTTnet", "Microsoft.AspNetCore", "System.CommandLine", "Spectre.Console"];
        Assert.DoesNotContain(references, name => foreign.Any(f => name.StartsWith(f, StringComparison.OrdinalIgnoreCase)));
    }
}
