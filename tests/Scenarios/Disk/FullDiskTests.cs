using System.Text.Json.Nodes;
using Oracle;
using Scenarios.Harness;

namespace Scenarios.Disk;

/// <summary>The service on a disk that others fill to the last byte and empty again.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Mosquitto broker = new();
    private readonly Ledger ledger = new();
    private Station? station;
    private SmallDisk? disk;
    private Plc? plc;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await broker.StartAsync();
        plc = await broker.SubscribeAsync("inspection/line/#", "plc");
    }

    public async ValueTask DisposeAsync()
    {
        if (plc is not null) await plc.DisposeAsync();
        if (station?.Program is { } running) await running.DisposeAsync();
        if (disk is not null) await disk.DisposeAsync();
        if (station is not null) await station.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task Run_DiskFilledByOthers_VerdictsGoOnSamplingStopsAndResumesByItself()
    {
        await StartAsync(reserveMiB: 8);
        await UntilAsync(s => Kept(s) >= 5, "samples are kept");

        disk!.Fill();
        var full = await UntilAsync(s => (string?)s["sampling"]!["state"] == "stopped", "sampling stops");
        var last = Identity.Parse((string)full["outbox"]!["lastCommitted"]!);
        await plc!.UntilHeardAsync((last.Epoch, last.Sequence + 150), Limit);
        var later = await station!.GetAsync("/api/v1/status");
        Assert.Equal(("stopped", "running"), ((string?)later["sampling"]!["state"], (string?)later["state"]));
        // One may have been on its way to the disk when sampling stopped.
        Assert.InRange(Kept(later) - Kept(full), 0, 1);
        Assert.Contains("bytes are free", (string?)later["sampling"]!["why"], StringComparison.Ordinal);
        Assert.Contains("lives on its reserve", (string?)later["detail"], StringComparison.Ordinal);
        Assert.InRange((long)later["journal"]!["reserveLeftBytes"]!, 1, (8 << 20) - 1);
        await LabelAsync("while full");

        disk.Free();
        await UntilAsync(s => Kept(s) > Kept(later) && (long)s["journal"]!["reserveLeftBytes"]! == 8 << 20, "sampling resumes and the reserve is whole");
        await LabelAsync("after");
        await AssertNothingMissingAsync();
    }

    [Fact]
    public async Task Run_DiskFullAndNoReserve_IsSafeAndSaysWhatItCouldNotRecord()
    {
        await StartAsync(reserveMiB: 0);
        await UntilAsync(s => Kept(s) >= 2, "samples are kept");

        await UntilAsync(
            s =>
            {
                // Again: an index that is made anew gives up what the old one had.
                disk!.Fill();
                return (string?)s["state"] == "safe" && (long)s["journal"]!["unrecorded"]! > 5;
            },
            "the station is safe");
        ledger.Asked("t1");
        using var refused = await station!.TryPostAsync("/api/v1/triggers", new JsonObject { ["id"] = "t1", ["camera"] = "asked" }, Cancellation);
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        var why = await refused.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("Free space", why, StringComparison.Ordinal);
        ledger.Refused("t1", why);

        disk!.Free();
        await UntilAsync(s => (string?)s["state"] == "running", "it runs again");
        ledger.Asked("t1");
        var verdict = await station.PostAsync("/api/v1/triggers", new JsonObject { ["id"] = "t1", ["camera"] = "asked" });
        Assert.Equal("UNSURE", (string?)verdict["verdict"]);
        ledger.Answered("t1", verdict);
        var unrecorded = (long)(await UntilAsync(s => (string?)s["state"] == "running", "it still runs"))["journal"]!["unrecorded"]!;
        await AssertNothingMissingAsync();
        var told = (await JournalFiles.FactsAsync(station.State)).OfKind("unrecorded").Sum(f => (long)f["pictures"]!);
        Assert.Equal(unrecorded, told);
    }

    private static long Kept(JsonNode status) => (long)status["sampling"]!["kept"]!;

    private async Task StartAsync(int reserveMiB)
    {
        var configuration = Configurations.External(broker.Port, Configurations.Free("cam1", "sim:plates", 10), Configurations.Triggered("asked", "sim:plates?seed=2"));
        configuration["Sampling"] = new JsonObject { ["MaxPerMinute"] = 400 };
        configuration["Disk"] = new JsonObject { ["MinFreeBytes"] = 16 << 20, ["ReserveBytes"] = reserveMiB << 20 };
        station = new Station(configuration);
        disk = await SmallDisk.MountAsync(station.State, 160);
        await station.StartAsync();
    }

    private Task<JsonNode> UntilAsync(Func<JsonNode, bool> condition, string what) => station!.UntilAsync("/api/v1/status", condition, Limit, what);

    private async Task LabelAsync(string label)
    {
        var samples = await station!.GetAsync("/api/v1/samples?unlabelled=true&limit=1");
        var sample = (string)samples["samples"]![0]!["sample"]!;
        await station.PostAsync($"/api/v1/samples/{sample}/label", new JsonObject { ["label"] = label, ["by"] = "anna" });
        ledger.Acknowledged(new JsonObject { ["fact"] = "label", ["sample"] = sample, ["label"] = label, ["by"] = "anna" });
    }

    /// <summary>The oracle finds no difference; every fact's files are there; nothing is left half written.</summary>
    private async Task AssertNothingMissingAsync()
    {
        Assert.Equal(0, await station!.Program.TerminateAsync());
        await JournalFiles.AssertIntactAsync(station.State);
        await plc!.UntilHeardAsync((await JournalFiles.VerdictsAsync(station.State))[^1].Id, Limit);
        await Oracles.AssertAgreesAsync(station, plc, ledger, complete: true);
        var (code, output) = await RunningProgram.RunAsync(Repository.Appliance, "verify", "--state", station.State);
        Assert.True(code == 0, output);
        Assert.Empty(Directory.EnumerateFiles(station.State, "*.tmp", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }));
    }
}
