using System.Text.Json.Nodes;
using Appliance.Hosting;
using Appliance.Journal;
using Appliance.Settings;

namespace Appliance.Tests.Hosting;

/// <summary>A configuration that changes while the station runs.</summary>
public sealed class ReloadTests : IAsyncLifetime
{
    private const string Password = "s3cret-of-the-camera";
    private readonly ServiceProcess station = new();

    public async ValueTask InitializeAsync() => await station.StartAsync();

    public ValueTask DisposeAsync() => station.DisposeAsync();

    [Fact]
    public async Task Reload_WhatMayChange_IsInForceAndRecordedAndTheRestWaitsForARestart()
    {
        var changed = station.Configuration();
        changed["Recipe"] = "gear";
        changed["Sampling"] = new JsonObject { ["OkShare"] = 0.5 };
        changed["GoodClass"] = "fine";
        changed["Cameras"]!.AsArray().Add(new JsonObject { ["Name"] = "c2", ["Source"] = $"rtsp://viewer:{Password}@127.0.0.1:9/x" });
        await ReloadAsync(changed, s => (string)s["configuration"]!["hash"]! != "" && s["configuration"]!["needRestart"]!.AsArray().Count > 0);

        var verdict = await station.PostAsync("/api/v1/triggers", new() { ["camera"] = "c1" });
        Assert.Equal("gear", (string)verdict["recipe"]!);
        var status = await station.GetAsync("/api/v1/status");
        var waiting = status["configuration"]!["needRestart"]!.AsArray().Select(k => (string)k!).ToList();
        Assert.Contains("GoodClass", waiting);
        Assert.Contains("Cameras:1:Source", waiting);
        Assert.Contains("that a restart takes over: GoodClass, ", (string)status["detail"]!, StringComparison.Ordinal);

        Assert.Equal(0, await station.StopAsync());
        var facts = Configured();
        Assert.Equal(["start", "reload"], facts.Select(f => f.Why));
        Assert.Equal(["Recipe", "Sampling:OkShare"], facts[1].Changes.Select(c => c.Key).Order(StringComparer.Ordinal));
        Assert.Equal(new("Recipe", "default", "gear"), facts[1].Changes.Single(c => c.Key == "Recipe"));

        // The next start records what the restart took over, and nothing twice.
        await station.StartAsync();
        Assert.Equal("fine", (await StartedAsync(3)).Single(c => c.Key == "GoodClass").After);
        await station.StopAsync();
        await station.StartAsync();
        await station.PostAsync("/api/v1/triggers", new() { ["camera"] = "c1" });
        await station.StopAsync();
        Assert.Equal(3, Configured().Count);
        Assert.DoesNotContain(Password, station.Output + await EverythingAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reload_AWrongFile_KeepsTheLastGoodOneAndSaysEveryErrorUntilItIsMended()
    {
        var wrong = station.Configuration();
        (wrong["Recipe"], wrong["Sation"]) = ("gear", "x");
        wrong["Sampling"] = new JsonObject { ["OkShare"] = 2 };
        await ReloadAsync(wrong, s => s["configuration"]!["errors"]!.AsArray().Count == 2);
        var status = await station.GetAsync("/api/v1/status");
        Assert.Contains("the one before stays in force: Sation is not a setting. Did you mean 'Station'? Sampling:OkShare is 2; it takes 0 to 1.", (string)status["detail"]!, StringComparison.Ordinal);
        Assert.Equal("default", (string)(await station.PostAsync("/api/v1/triggers", []))["recipe"]!);
        Assert.Contains("Sation is not a setting", station.Output, StringComparison.Ordinal);
        Assert.Contains("Sampling:OkShare is 2", station.Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(station.Config, "{ no JSON", TestContext.Current.CancellationToken);
        await station.SignalAsync("HUP");
        await station.UntilAsync(async () => (await station.GetAsync("/api/v1/status"))["configuration"]!["errors"]!.AsArray().Count == 1, "the broken file is noticed");

        await ReloadAsync(station.Configuration(), s => s["configuration"]!["errors"]!.AsArray().Count == 0);
        Assert.Null((await station.GetAsync("/api/v1/status"))["detail"]);
        Assert.Equal(0, await station.StopAsync());
        Assert.Equal(["start"], Configured().Select(f => f.Why));
    }

    [Fact]
    public async Task Reload_TheLevelOfLogs_ChangesWhatIsLogged()
    {
        var quiet = station.Configuration();
        quiet["Logging"] = new JsonObject { ["Level"] = "Warning" };
        quiet["Recipe"] = "quiet";
        await ReloadAsync(quiet, _ => true);
        await station.UntilAsync(async () => (string)(await station.PostAsync("/api/v1/triggers", []))["recipe"]! == "quiet", "the reload");
        Assert.DoesNotContain("Recipe was", station.Output, StringComparison.Ordinal);
        await station.PostAsync("/api/v1/line/pause", new() { ["by"] = "anna", ["why"] = "tool change" });
        await station.SaysAsync("paused by anna");
        Assert.Equal(0, await station.StopAsync());
        Assert.DoesNotContain("has stopped in order", station.Output, StringComparison.Ordinal);
    }

    // A value whose owner keeps a copy would be said to be in force, and would not be.
    [Fact]
    public void Apply_EverySettingThatMayChange_IsSetOnTheObjectInForce()
    {
        var (live, fresh) = (new ApplianceOptions { Cameras = [new()] }, new ApplianceOptions { Cameras = [new()] });
        fresh.Recipe = "other";
        fresh.Disk.MinFreeBytes = 1;
        fresh.Station = "renamed";
        var (changed, waiting) = ConfigurationDifference.Apply(live, fresh);
        Assert.Equal(["Recipe", "Disk:MinFreeBytes"], changed.Select(c => c.Key));
        Assert.Equal(["Station"], waiting);
        Assert.Equal(("other", 1L, "station1"), (live.Recipe, live.Disk.MinFreeBytes, live.Station));
        Assert.Empty(ConfigurationDifference.Apply(live, fresh).Changed);
    }

    private async Task ReloadAsync(JsonObject configuration, Func<JsonNode, bool> condition)
    {
        station.Write(configuration);
        await station.SignalAsync("HUP");
        await station.UntilAsync(async () => condition(await station.GetAsync("/api/v1/status")), "the reload is seen in the status");
    }

    private async Task<IReadOnlyList<SettingChange>> StartedAsync(int facts)
    {
        await station.UntilAsync(() => Task.FromResult(Configured().Count == facts), "the start is recorded");
        return Configured()[^1].Changes;
    }

    private List<ConfigurationChanged> Configured() => [.. FactReader.Read(SegmentFiles.Directory(station.State, StreamKind.Facts)).Select(f => f.Fact).OfType<ConfigurationChanged>()];

    private async Task<string> EverythingAsync()
    {
        var all = "";
        foreach (var file in Directory.EnumerateFiles(Path.Combine(station.State, "journal"), "*.seg", SearchOption.AllDirectories)) all += System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
        return all;
    }
}
