namespace Inference.Tests;

public sealed class ScaffoldTests
{
    [Fact]
    public void Assembly_Loads_HasName() => Assert.StartsWith("Inference", typeof(ScaffoldTests).Assembly.GetName().Name, StringComparison.Ordinal);
}
