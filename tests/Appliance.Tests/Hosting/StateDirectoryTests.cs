using System.Security.Cryptography;
using Appliance.Hosting;
using Appliance.Tests.Journal;
using Testing.Files;

namespace Appliance.Tests.Hosting;

/// <summary>A wrong state directory is refused before anything in it is touched.</summary>
public sealed class StateDirectoryTests : IDisposable
{
    private readonly JournalBench bench = new();
    private readonly TemporaryDirectory directory = new();

    public void Dispose()
    {
        bench.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task Run_TheStateOfAnotherStation_Is1AndChangesNoByte()
    {
        await using (var journal = bench.Open()) journal.Commit(JournalBench.Draft());
        var before = Contents();
        var config = directory["other.json"];
        await File.WriteAllTextAsync(config, $$"""{ "Station": "another", "StateDirectory": "{{bench.State}}", "Listen": "http://127.0.0.1:0", "Cameras": [ { "Source": "sim:plates" } ] }""", TestContext.Current.CancellationToken);
        var (code, output, error) = await ApplianceProgram.RunAsync("run", "--config", config);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("this one is 'another'. Use that name, or another state directory.", error, StringComparison.Ordinal);
        Assert.Equal(before, Contents());
    }

    [Fact]
    public async Task Refuse_TheStationsOwnOrNoneYet_IsFine()
    {
        Assert.Null(StateDirectory.Refuse(Path.Combine(bench.State, "not", "there"), JournalBench.Station));
        await using (var journal = bench.Open()) journal.Commit(JournalBench.Draft());
        Assert.Null(StateDirectory.RefuseOwner(bench.State, JournalBench.Station));
        Assert.NotNull(StateDirectory.RefuseOwner(bench.State, "another"));
    }

    [Fact]
    public async Task Run_OnAReadOnlyFileSystem_Is1AndSaysHowItIsMounted()
    {
        await using (var journal = bench.Open()) journal.Commit(JournalBench.Draft());
        var before = Contents();
        var config = directory["appliance.json"];
        await File.WriteAllTextAsync(config, $$"""{ "Station": "{{JournalBench.Station}}", "StateDirectory": "{{bench.State}}", "Listen": "http://127.0.0.1:0", "Cameras": [ { "Source": "sim:plates" } ] }""", TestContext.Current.CancellationToken);
        string[] arguments = ["--mount", "/bin/sh", "-c", "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" && exec \"$0\" run --config \"$2\"", ApplianceProgram.File, bench.State, config];
        var (code, output, error) = await ApplianceProgram.RunAsync("/usr/bin/unshare", new Dictionary<string, string>(), Environment.UserName == "root" ? arguments : ["--map-root-user", .. arguments]);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("mounted read-only. Mount it for writing", error, StringComparison.Ordinal);
        Assert.Equal(before, Contents());
    }

    private string Contents() => string.Join('\n', Directory.EnumerateFiles(bench.State, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(f => $"{f} {File.GetLastWriteTimeUtc(f):O} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))}"));
}
