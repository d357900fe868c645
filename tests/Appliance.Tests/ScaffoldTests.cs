namespace Appliance.Tests;

public sealed class ScaffoldTests
{
    [Fact]
    public void Assembly_Loads_HasName() => Assert.StartsWith("Appliance", typeof(ScaffoldTests).Assembly.GetName().Name, StringComparison.Ordinal);
}
