using Oracle;

namespace Scenarios.Harness;

/// <summary>Asks the oracle, as a person would, over the files that a scenario leaves.</summary>
internal static class Oracles
{
    /// <summary>Fails with every difference. Its summary.</summary>
    public static async Task<string> AssertAgreesAsync(Station station, Plc plc, Ledger ledger, bool complete = false)
    {
        var file = Path.Combine(station.Directory, "ledger.jsonl");
        ledger.Save(file);
        List<string> arguments = ["--state", station.State, "--heard", plc.File, "--ledger", file];
        if (complete) arguments.Add("--complete");
        var (code, output) = await RunningProgram.RunAsync(Path.Combine(AppContext.BaseDirectory, "oracle"), [.. arguments]);
        Assert.True(code == 0, output);
        return output.Trim();
    }
}
