namespace Trainer.Tests;

public sealed class ScaffoldTests
{
    [Fact]
    public void Assembly_Loads_HasName() => Assert.StartsWith("Trainer", typeof(ScaffoldTests).Assembly.GetName().Name, StringComparison.Ordinal);
}
