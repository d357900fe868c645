using System.Globalization;
using Scenarios.Harness;

namespace Scenarios.Recovery;

/// <summary>Backups of a station at work, by the built program.</summary>
public sealed class BackupTests(TrainedState trained) : IClassFixture<TrainedState>
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Backup_UnderLoad_RestoresEveryAcknowledgedLabelAndUsesNoIdentityAgain()
    {
        await using var station = await trained.CopyAsync();
        await station.StartAsync();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var acknowledged = await TrainedState.LabelAsync(station, 40);
        var labelling = LabelUntilAsync(station, over.Token);
        var tar = Path.Combine(station.Directory, "b.tar");
        var (code, said) = await RunningProgram.RunAsync(Repository.Appliance, "backup", "--state", station.State, "--to", tar);
        Assert.True(code == 0, said);
        await station.InspectAsync(40);
        await over.CancelAsync();
        await labelling;
        Assert.Equal(0, await station.Program.TerminateAsync());
        // The original goes on, also through further starts.
        await station.StartAsync();
        await station.InspectAsync(10);
        Assert.Equal(0, await station.Program.TerminateAsync());

        await using var restored = new Station(TrainedState.Configuration());
        (code, said) = await RunningProgram.RunAsync(Repository.Appliance, "restore", "--from", tar, "--state", restored.State);
        Assert.True(code == 0, said);
        (code, said) = await RunningProgram.RunAsync(Repository.Appliance, "verify", "--state", restored.State);
        Assert.True(code == 0, said);
        await restored.StartAsync();
        await restored.InspectAsync(10);
        Assert.NotNull((string?)(await restored.GetAsync("/api/v1/status"))["model"]);
        Assert.Equal(0, await restored.Program.TerminateAsync());

        var labels = (await JournalFiles.FactsAsync(restored.State)).OfKind("label").Select(l => l.ToJsonString()).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(acknowledged, l => !labels.Any(known => known.Contains($"\"sample\":\"{l["sample"]}\"", StringComparison.Ordinal) && known.Contains($"\"label\":\"{l["label"]}\"", StringComparison.Ordinal)));
        var original = (await JournalFiles.VerdictsAsync(station.State)).ToDictionary(v => v.Id, v => v.Json);
        Assert.All((await JournalFiles.VerdictsAsync(restored.State)).Where(v => original.ContainsKey(v.Id)), v => Assert.Equal(original[v.Id], v.Json));
        await JournalFiles.AssertIntactAsync(restored.State);
    }

    [Fact]
    public async Task Backup_Killed_LeavesNothingUnderItsNameOrAllOfIt()
    {
        await using var station = await trained.CopyAsync();
        var random = new Random(4);
        var cutOff = 0;
        for (var round = 0; round < 8; round++)
        {
            var tar = Path.Combine(station.Directory, $"b{round}.tar");
            await using var backup = RunningProgram.Start(Repository.Appliance, ["backup", "--state", station.State, "--to", tar]);
            // The moment itself, not a wait for something.
            await Task.Delay(random.Next(20, 600), Cancellation);
            backup.Kill();
            await backup.ExitAsync(TimeSpan.FromSeconds(30));
            if (!File.Exists(tar))
            {
                cutOff++;
                continue;
            }
            var (code, said) = await RunningProgram.RunAsync(Repository.Appliance, "restore", "--from", tar, "--state", tar + ".state");
            Assert.True(code == 0, said);
        }
        Assert.True(cutOff > 0, "No kill came in time.");
    }

    [Fact]
    public async Task Restore_OverARunningStation_IsRefusedAndNamesTheProcess()
    {
        await using var station = await trained.CopyAsync();
        var tar = Path.Combine(station.Directory, "b.tar");
        Assert.Equal(0, (await RunningProgram.RunAsync(Repository.Appliance, "backup", "--state", station.State, "--to", tar)).Code);
        await station.StartAsync();
        var (code, said) = await RunningProgram.RunAsync(Repository.Appliance, "restore", "--from", tar, "--state", station.State, "--replace");
        Assert.Equal(1, code);
        Assert.Contains("process " + station.Program.Id.ToString(CultureInfo.InvariantCulture), said, StringComparison.Ordinal);
        await station.InspectAsync(5);
        Assert.Equal(0, await station.Program.TerminateAsync());
        (code, said) = await RunningProgram.RunAsync(Repository.Appliance, "restore", "--from", tar, "--state", station.State, "--replace");
        Assert.True(code == 0, said);
        await station.StartAsync();
        await station.InspectAsync(5);
        Assert.Equal(0, await station.Program.TerminateAsync());
    }

    private static async Task LabelUntilAsync(Station station, CancellationToken over)
    {
        while (!over.IsCancellationRequested) await TrainedState.LabelAsync(station, 10);
    }
}
