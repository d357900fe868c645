using System.Globalization;
using Scenarios.Harness;

namespace Scenarios.BadInput;

/// <summary>State directories that a service must not touch.</summary>
public sealed class StateDirectoryTests
{
    [Fact]
    public async Task Run_StateDirectoryInUse_NamesTheOtherProcessAndLeavesItAlone()
    {
        await using var station = Plates();
        await station.StartAsync();

        var (code, output) = await RunningProgram.RunAsync(Repository.Appliance, "run", "--config", station.Config);

        Assert.Equal(1, code);
        Assert.Contains("in use by another process", output, StringComparison.Ordinal);
        Assert.Contains(station.Program.Id.ToString(CultureInfo.InvariantCulture), output, StringComparison.Ordinal);
        Assert.True(File.Exists(station.EndpointsFile));
        await station.InspectAsync(5);
        Assert.Equal(0, await station.Program.TerminateAsync());
    }

    [Fact]
    public async Task Run_StateDirectoryOfAnotherStation_NamesBoth()
    {
        await using var station = Plates();
        await station.StartAsync();
        await station.InspectAsync(3);
        await station.Program.TerminateAsync();

        var (code, output) = await station.RefuseAsync("Station=other");

        Assert.Equal(1, code);
        Assert.Contains($"belongs to station '{Configurations.StationName}', this one is 'other'", output, StringComparison.Ordinal);
        await JournalFiles.AssertIntactAsync(station.State);
    }

    [Fact]
    public async Task Run_DamagedFacts_RefusesWithFileAndByteAndChangesNothing()
    {
        await using var station = Plates();
        await station.StartAsync();
        await station.InspectAsync(20);
        await station.Program.TerminateAsync();
        var segment = Path.Combine(station.State, "journal/facts/00000001.seg");
        var bytes = await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 0x40;
        await File.WriteAllBytesAsync(segment, bytes, TestContext.Current.CancellationToken);

        var (code, output) = await station.RefuseAsync();
        var verified = await RunningProgram.RunAsync(Repository.Appliance, "journal", "verify", "--state", station.State);

        Assert.Equal(1, code);
        Assert.Contains(segment, output, StringComparison.Ordinal);
        Assert.Matches(@"byte \d+", output);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken));
        Assert.Equal(1, verified.Code);
        Assert.Contains($"of '{segment}'", verified.Output, StringComparison.Ordinal);
    }

    private static Station Plates() => new(Configurations.Embedded(Configurations.Free("cam1", "sim:plates", 30)));
}
