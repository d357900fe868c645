using System.Text.Json.Nodes;

namespace Appliance.Tests.Hosting;

public sealed class RuntimeSettingsTests
{
    /// <summary>The runtime passes over a name that it does not know without a word.</summary>
    [Theory]
    [InlineData("System.GC.Gen0MaxBudget", "GCGen0MaxBudget", 16 << 20)]
    [InlineData("System.GC.LOHThreshold", "LOHThreshold", 1_000_000)]
    public void Service_ALimitOfTheCollector_IsSetByANameThatTheRuntimeKnows(string setting, string known, int bytes)
    {
        var configured = JsonNode.Parse(File.ReadAllText(ApplianceProgram.File + ".runtimeconfig.json"))!["runtimeOptions"]!["configProperties"]!;
        Assert.Equal(bytes, (int)configured[setting]!);
        Assert.Contains(known, GC.GetConfigurationVariables().Keys);
    }
}
