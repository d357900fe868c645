using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Demo;

/// <summary>What a newcomer sees first: it ends balanced, and its last line is one JSON object.</summary>
public sealed class DemoTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Demo_OfTheSimulatedLine_Balances()
    {
        var result = await PlayAsync("--seconds", "15");

        Assert.True((int)result["labels"]! > 0);
    }

    [Fact]
    public async Task Demo_OfAFolder_Balances()
    {
        var result = await PlayAsync("--source", Repository.MagneticTile(), "--seconds", "30");

        Assert.True((int)result["macroF1"]!["partsBefore"]! > 0);
    }

    [Fact]
    public async Task Demo_WithoutATerminal_PrintsLinesAndTheSubscription()
    {
        var (code, said) = await RunningProgram.RunAsync(Repository.Appliance, "demo", "--seconds", "4");

        Assert.Equal(0, code);
        Assert.Matches(@"mosquitto_sub -h 127\.0\.0\.1 -p \d+ ", said);
        Assert.Contains("balanced", said, StringComparison.Ordinal);
        Assert.DoesNotContain("NOT BALANCED", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("HUP")]
    public async Task Demo_EndedByItsTerminal_Balances(string signal)
    {
        // A terminal sends it to the whole group, not to the demo alone.
        await using var demo = RunningProgram.Start(Repository.Tool("/usr/bin/setsid"), [Repository.Appliance, "demo"]);
        await demo.UntilAsync(l => l.Any(x => x.Contains(" messages", StringComparison.Ordinal)), TimeSpan.FromSeconds(60), "verdicts are shown");
        await demo.SignalGroupAsync(signal);

        var code = await demo.ExitAsync(TimeSpan.FromSeconds(40));

        Assert.True(code == 0, demo.Output);
        Assert.Contains(": balanced", demo.Output, StringComparison.Ordinal);
    }

    private async Task<JsonNode> PlayAsync(params string[] arguments)
    {
        var (code, said) = await RunningProgram.RunAsync(Repository.Appliance, ["demo", "--json", .. arguments]);
        Assert.True(code == 0, said);
        var last = Assert.Single(said.Split('\n'), l => l.StartsWith('{'));
        output.WriteLine(last);
        var result = JsonNode.Parse(last)!;
        Assert.Equal((0, 0, 0), ((int)result["lost"]!, (int)result["duplicated"]!, (int)result["outOfOrder"]!));
        var triggers = (int)result["triggers"]!;
        Assert.True(triggers > 20);
        Assert.Equal((triggers, triggers), ((int)result["inspections"]!, (int)result["messages"]!));
        Assert.Equal(triggers, result["verdicts"]!.AsObject().Sum(v => (int)v.Value!));
        return result;
    }
}
