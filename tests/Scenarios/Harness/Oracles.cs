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
        return await AskAsync(arguments);
    }

    /// <summary>The journal by itself, also of a station that was repaired.</summary>
    public static Task<string> AssertSoundAsync(string state) => AskAsync(["--state", state]);

    /// <summary>Fails where a verdict is not the one that the model it names gives for its picture.</summary>
    public static Task<string> AssertRecomputedAsync(Station station, string pictures) => AskAsync(["recompute", "--state", station.State, "--pictures", pictures]);

    private static async Task<string> AskAsync(IReadOnlyList<string> arguments)
    {
        var (code, output) = await RunningProgram.RunAsync(Path.Combine(Repository.Root, "tests/Oracle/bin/Release/net10.0/oracle"), [.. arguments]);
        Assert.True(code == 0, output);
        return output.Trim();
    }
}
