using System.Text.RegularExpressions;
using Scenarios.Harness;

namespace Scenarios.Commands;

/// <summary>The commands that the README shows are commands that the programs know, with options that they take.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public async Task Readme_EveryCommandShown_IsKnownWithItsOptions()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), TestContext.Current.CancellationToken);
        var lines = Blocks().Matches(readme).SelectMany(b => b.Groups[1].Value.Split('\n')).Select(l => l.Trim()).Where(l => l.Length > 0).ToList();
        Assert.Contains("./demo.sh", lines);
        Assert.Contains("./test.sh", lines);
        var help = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.Where(l => l.StartsWith("./demo.sh", StringComparison.Ordinal) || l.StartsWith("out/", StringComparison.Ordinal)))
        {
            var words = line.Split(' ');
            var program = words[0] == "./demo.sh" ? Repository.Appliance : Path.Combine(Repository.Root, words[0]);
            Assert.True(File.Exists(program), $"{line}: {program} is not built.");
            string[] command = words[0] == "./demo.sh" ? ["demo"] : [.. words.Skip(1).TakeWhile(w => CommandWord().IsMatch(w))];
            var key = $"{program} {string.Join(' ', command)}";
            if (!help.TryGetValue(key, out var said)) help[key] = said = await HelpAsync(program, command);
            foreach (var option in words.Where(w => w.StartsWith("--", StringComparison.Ordinal)))
                Assert.True(said.Contains(option, StringComparison.Ordinal), $"{line}: {option} is not in its help:\n{said}");
        }
    }

    // A word may be a command or already an argument, such as the class of a label.
    private static async Task<string> HelpAsync(string program, string[] command)
    {
        var (code, said) = await RunningProgram.RunAsync(program, [.. command, "--help"]);
        Assert.True(code == 0, $"{string.Join(' ', command)}: {said}");
        Assert.Contains($"{Path.GetFileName(program)} {command[0]}", said, StringComparison.Ordinal);
        return said;
    }

    [GeneratedRegex(@"```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex("^[a-z]+$")]
    private static partial Regex CommandWord();
}
