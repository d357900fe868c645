using System.Text.RegularExpressions;
using Scenarios.Harness;

namespace Scenarios.Deployment;

/// <summary>The systemd unit, as systemd itself judges it.</summary>
public sealed partial class UnitTests : IDisposable
{
    private const double ExposureLimit = 2.0;
    private readonly string directory = Directory.CreateTempSubdirectory("unit-test-").FullName;

    [Fact]
    public async Task Unit_Verify_HasNothingToSay()
    {
        var installed = await File.ReadAllTextAsync(Unit, TestContext.Current.CancellationToken);
        var here = installed.Replace("/usr/lib/inspection-appliance/appliance/appliance", Repository.Appliance, StringComparison.Ordinal);
        Assert.NotEqual(installed, here);
        var copy = Path.Combine(directory, "inspection-appliance.service");
        await File.WriteAllTextAsync(copy, here, TestContext.Current.CancellationToken);

        var (code, said) = await AnalyzeAsync("verify", "--recursive-errors=no", copy);

        Assert.True(code == 0 && said.Length == 0, said);
    }

    [Fact]
    public async Task Unit_Security_ExposureIsAtMostTheContracts()
    {
        var (code, said) = await AnalyzeAsync("security", "--offline=true", "--no-pager", Unit);
        var exposure = double.Parse(Overall().Match(said).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

        Assert.True(code == 0 && exposure <= ExposureLimit, said);
        TestContext.Current.TestOutputHelper?.WriteLine($"exposure {exposure}");
    }

    [Fact]
    public async Task Unit_TimesAndNames_FitTheProgram()
    {
        var unit = (await File.ReadAllLinesAsync(Unit, TestContext.Current.CancellationToken)).ToList();

        // The program's own limits: 25 s to stop, exit code 2 for what only a person can mend.
        Assert.Contains("TimeoutStopSec=30", unit);
        Assert.Contains("RestartPreventExitStatus=2", unit);
        Assert.Contains("StateDirectory=inspection-appliance", unit);
        var example = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy/appliance.json"), TestContext.Current.CancellationToken);
        Assert.Contains("\"/var/lib/inspection-appliance\"", example, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private static string Unit => Path.Combine(Repository.Root, "deploy/systemd/inspection-appliance.service");

    private static Task<(int Code, string Output)> AnalyzeAsync(params string[] arguments) => RunningProgram.RunAsync(Repository.Tool("/usr/bin/systemd-analyze"), arguments);

    [GeneratedRegex(@"Overall exposure level for \S+: ([0-9.]+)")]
    private static partial Regex Overall();
}
