using System.Text.RegularExpressions;
using Scenarios.Harness;

namespace Scenarios.Commands;

/// <summary>What scripts and newcomers rely on: help with examples, versions, exit codes.</summary>
public sealed partial class CommandTests
{
    private const int Done = 0;
    private const int WrongUsage = 2;

    [Theory]
    [InlineData("appliance")]
    [InlineData("trainer")]
    public async Task Help_OfAProgram_ShowsExamplesAndExitCodes(string program)
    {
        var (code, said) = await RunAsync(program, "--help");

        Assert.Equal(Done, code);
        Assert.Contains("Examples:", said, StringComparison.Ordinal);
        Assert.Contains("Exit codes: 0 done, 1 failed, 2 wrong usage", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("appliance")]
    [InlineData("trainer")]
    public async Task Help_OfEveryCommand_IsThere(string program)
    {
        var (_, said) = await RunAsync(program, "--help");
        var commands = CommandLines().Matches(said[said.IndexOf("Commands:", StringComparison.Ordinal)..]).Select(m => m.Groups[1].Value).ToList();
        Assert.NotEmpty(commands);
        foreach (var command in commands)
        {
            var (code, help) = await RunAsync(program, command, "--help");
            Assert.True(code == Done, $"{program} {command} --help ended with {code}: {help}");
            Assert.Contains("Usage:", help, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("appliance")]
    [InlineData("trainer")]
    public async Task Version_OfAProgram_IsOneLine(string program)
    {
        var (code, said) = await RunAsync(program, "--version");

        Assert.Equal(Done, code);
        Assert.Matches(@"\A\d+\.\d+\.\d+\S*\z", said.Trim());
    }

    [Theory]
    [InlineData("appliance", "--no-such-option")]
    [InlineData("appliance", "no-such-command")]
    [InlineData("appliance", "label 1-1")]
    [InlineData("appliance", "status --url nonsense")]
    [InlineData("appliance", "demo --rate 0")]
    [InlineData("appliance", "demo --seconds soon")]
    [InlineData("appliance", "journal show --state /tmp --stream noise")]
    [InlineData("trainer", "--no-such-option")]
    [InlineData("trainer", "train --data /tmp")]
    [InlineData("trainer", "backbone --weights x --out y --size 7")]
    public async Task Usage_ThatIsWrong_EndsWithTwo(string program, string line)
    {
        var (code, said) = await RunAsync(program, line.Split(' '));

        Assert.True(code == WrongUsage, $"{code}: {said}");
        Assert.NotEmpty(said);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Journal_OfNoState_EndsWithTwo()
    {
        var (code, said) = await RunAsync("appliance", "journal", "verify", "--state", "/nowhere");

        Assert.Equal(WrongUsage, code);
        Assert.Contains("no journal in '/nowhere'", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trainer_TrainsAndEvaluates_SaysWhatAReportNeeds()
    {
        var folder = Directory.CreateTempSubdirectory("trainer-").FullName;
        try
        {
            Fill(Path.Combine(folder, "data"));
            var model = Path.Combine(folder, "model");
            var trained = await RunAsync("trainer", "train", "--data", Path.Combine(folder, "data"), "--out", model, "--json");
            Assert.True(trained.Code == Done, trained.Said);
            Assert.Equal(["SHA256SUMS", "head.onnx", "manifest.json", "policy.json"], Directory.GetFiles(model).Select(Path.GetFileName).Order(StringComparer.Ordinal));

            var evaluated = await RunAsync("trainer", "evaluate", "--model", model, "--data", Path.Combine(folder, "data"), "--json");
            Assert.True(evaluated.Code == Done, evaluated.Said);
            var report = System.Text.Json.Nodes.JsonNode.Parse(evaluated.Said.Split('\n').Single(l => l.StartsWith('{')))!;
            Assert.Equal(24, (int)report["images"]!);
            Assert.True((double)report["macroF1"]! > 0.5);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Fill(string data)
    {
        foreach (var name in (string[])["free", "uneven"])
        {
            var target = Directory.CreateDirectory(Path.Combine(data, name)).FullName;
            foreach (var picture in Directory.GetFiles(Path.Combine(Repository.MagneticTile(), name), "*.jpg").Order(StringComparer.Ordinal).Take(12))
                File.Copy(picture, Path.Combine(target, Path.GetFileName(picture)));
        }
    }

    private static async Task<(int Code, string Said)> RunAsync(string program, params string[] arguments) =>
        await RunningProgram.RunAsync(program == "trainer" ? Repository.Trainer : Repository.Appliance, arguments);

    [GeneratedRegex(@"^  ([a-z][a-z-]*)\b", RegexOptions.Multiline)]
    private static partial Regex CommandLines();
}
