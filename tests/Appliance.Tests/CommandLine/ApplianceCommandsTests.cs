using System.CommandLine;
using Appliance.CommandLine;
using Appliance.Tests.Hosting;
using Appliance.Tests.Journal;
using Appliance.Tests.Samples;
using Appliance.Tests.Web;
using Testing.Files;

namespace Appliance.Tests.CommandLine;

/// <summary>The built program: exit codes, help, and what it says to people.</summary>
public sealed class ApplianceCommandsTests(WebStation station) : IClassFixture<WebStation>, IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("--version")]
    [InlineData("--help")]
    [InlineData("label --help")]
    [InlineData("models show -h")]
    [InlineData("repair --help")]
    public async Task Run_AskedForHelpOrVersion_IsDone(string line)
    {
        var (code, output, error) = await ApplianceProgram.RunAsync(line.Split(' '));
        Assert.Equal((0, ""), (code, error));
        if (line != "--version") Assert.Contains("Examples:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Try 'appliance --help'.")]
    [InlineData("fly", "Try 'appliance --help'.")]
    [InlineData("models", "Try 'appliance models --help'.")]
    [InlineData("models rollback --by anna", "--why")]
    [InlineData("keys add plc --role admin", "admin")]
    [InlineData("label 3-1", "Try 'appliance label --help'.")]
    [InlineData("journal verify", "--state")]
    [InlineData("status --jsn", "--jsn")]
    [InlineData("status --url nowhere", "'nowhere'")]
    [InlineData("policy whatif p.json --days 99999999", "--days is 99999999; it takes more than 0, up to 36500.")]
    [InlineData("policy whatif p.json --days -1", "--days is -1; it takes")]
    [InlineData("policy propose --escape-cost NaN", "--escape-cost is 'NaN', which is no number.")]
    [InlineData("models shadow 3fa9 --hours NaN --why x", "--hours is 'NaN', which is no number.")]
    [InlineData("labels undo --since yesterday --why x", "Cannot parse argument 'yesterday' for option '--since'.")]
    [InlineData("status --url ftp://127.0.0.1", "'ftp://127.0.0.1'")]
    [InlineData("demo --rate 0", "--rate takes 0.1 to 100")]
    [InlineData("demo --seconds 1e300", "--seconds is 1e300; it takes more than 0, up to 1000000.")]
    [InlineData("journal verify --state /nowhere/at/all", "There is no journal in '/nowhere/at/all'")]
    [InlineData("run --config /nowhere/appliance.json", "/nowhere/appliance.json does not exist")]
    public async Task Run_WrongUsage_Is2AndSaysWhatToDo(string line, string expected)
    {
        var (code, _, error) = await ApplianceProgram.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AnAddressInTheEnvironment_IsTakenAndCheckedToo()
    {
        var (code, _, error) = await ApplianceProgram.RunAsync(new Dictionary<string, string> { ["APPLIANCE_URL"] = "not an address" }, "status");
        Assert.Equal(2, code);
        Assert.Contains("'not an address'", error, StringComparison.Ordinal);
        (code, var output, _) = await ApplianceProgram.RunAsync(new Dictionary<string, string> { ["APPLIANCE_URL"] = station.Http.BaseAddress!.ToString() }, "status");
        Assert.Equal(0, code);
        Assert.Contains("station      s1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BackupAndRestore_PictureIsMissing_Are1AndSaySo()
    {
        using var bench = new JournalBench();
        await using (var journal = bench.Open())
        {
            journal.Commit(JournalBench.Draft());
            await journal.AppendDurableAsync(SampleFacts.Kept(1, row: -1), TestContext.Current.CancellationToken);
        }

        var (code, output, error) = await ApplianceProgram.RunAsync("backup", "--state", bench.State, "--to", directory["b.tar"]);
        Assert.Equal(1, code);
        Assert.Contains("not complete", output, StringComparison.Ordinal);
        Assert.Contains("is missing or damaged", error, StringComparison.Ordinal);
        (code, output, error) = await ApplianceProgram.RunAsync("restore", "--from", directory["b.tar"], "--state", directory["state"]);
        Assert.Equal(1, code);
        Assert.Contains("not sound", output, StringComparison.Ordinal);
        Assert.Contains("it is missing", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithoutAService_Is1()
    {
        var (code, _, error) = await ApplianceProgram.RunAsync("status", "--url", "http://127.0.0.1:9");
        Assert.Equal(1, code);
        Assert.Contains("Start it with 'appliance run'", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("label 1-999999 scratch --by anna", "There is no sample '1-999999'")]
    [InlineData("models rollback --by anna --why x", "no model before")]
    [InlineData("models show 3fa9", "names 0 models")]
    [InlineData("trigger --camera c9", "There is no camera 'c9'")]
    [InlineData("train --by anna", "does not exist")]
    public async Task Run_WhatTheServiceRefuses_Is1WithItsReason(string line, string expected)
    {
        var (code, output, error) = await ApplianceProgram.RunAsync([.. line.Split(' '), "--url", station.Http.BaseAddress!.ToString()]);
        Assert.Equal(1, code);
        Assert.Contains(expected, output + error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keys list", "There is no key yet.")]
    [InlineData("labels disputed", "Nobody disagrees on a sample.")]
    [InlineData("models list", "There is no model yet")]
    public async Task Run_AListOfNothing_SaysSo(string line, string expected)
    {
        var (code, output, _) = await ApplianceProgram.RunAsync([.. line.Split(' '), "--url", station.Http.BaseAddress!.ToString()]);
        Assert.Equal(0, code);
        Assert.StartsWith(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TriggerThenLabel_IsDone()
    {
        var (code, verdict, _) = await ApplianceProgram.RunAsync("trigger", "--id", "cli", "--part", "p1", "--url", station.Http.BaseAddress!.ToString());
        Assert.Equal(0, code);
        Assert.Contains("\"trigger\":\"cli\"", verdict, StringComparison.Ordinal);
        var json = System.Text.Json.Nodes.JsonNode.Parse(verdict)!;
        var sample = $"{json["epoch"]}-{json["sequence"]}";
        var kept = false;
        await Until.HoldsAsync(() => kept, async () => kept = (await station.Http.GetAsync("/api/v1/samples/" + sample, Until.Cancellation)).IsSuccessStatusCode);
        (code, var said, _) = await ApplianceProgram.RunAsync("label", sample, "scratch", "--by", "anna", "--url", station.Http.BaseAddress!.ToString());
        Assert.Equal(0, code);
        Assert.StartsWith($"{sample} is 'scratch', says anna\n'scratch' is a new class", said, StringComparison.Ordinal);
        (code, said, _) = await ApplianceProgram.RunAsync("label", sample, "ok", "--by", "anna", "--url", station.Http.BaseAddress!.ToString());
        Assert.Equal((0, $"{sample} is 'ok' (was 'scratch'), says anna"), (code, said.Trim()));
        await ApplianceProgram.RunAsync("label", sample, "scratch", "--by", "bert", "--url", station.Http.BaseAddress!.ToString());
        (code, said, _) = await ApplianceProgram.RunAsync("labels", "disputed", "--url", station.Http.BaseAddress!.ToString());
        Assert.Equal(0, code);
        Assert.Matches($"^ +{sample} +scratch +anna says 'ok', bert says 'scratch'$", said.TrimEnd());
        await ApplianceProgram.RunAsync("labels", "undo", "--of", "bert", "--why", "a trial", "--yes", "--url", station.Http.BaseAddress!.ToString());
        (code, said, _) = await ApplianceProgram.RunAsync("labels", "undo", "--of", "anna", "--why", "a trial", "--url", station.Http.BaseAddress!.ToString());
        Assert.Equal(0, code);
        Assert.Contains("2 labels of 1 samples would be undone: 1 'ok', 1 'scratch'", said, StringComparison.Ordinal);
        Assert.Contains("Add --yes to do it.", said, StringComparison.Ordinal);
        (code, said, _) = await ApplianceProgram.RunAsync("labels", "undo", "--of", "anna", "--why", "a trial", "--by", "karl", "--yes", "--url", station.Http.BaseAddress!.ToString());
        Assert.Equal(0, code);
        Assert.Contains("2 labels of 1 samples are undone", said, StringComparison.Ordinal);
        var left = await station.GetAsync("/api/v1/samples/" + sample);
        Assert.Null((string?)left["label"]);
        Assert.Equal("karl", (string)left["history"]![0]!["undone"]!["by"]!);
    }

    [Fact]
    public void Examples_OfEveryCommand_AreThereAndParse()
    {
        var commands = All(ApplianceCommands.Root()).Skip(1).Select(HelpExamples.PathOf).ToList();
        Assert.Equal(commands.Order(StringComparer.Ordinal), HelpExamples.ByCommand.Keys.Order(StringComparer.Ordinal));
        foreach (var (path, examples) in HelpExamples.ByCommand)
        {
            Assert.All(examples, example =>
            {
                Assert.StartsWith(path, example, StringComparison.Ordinal);
                Assert.Empty(ApplianceCommands.Root().Parse(example["appliance ".Length..].Replace('\'', '"')).Errors);
            });
        }
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
}
