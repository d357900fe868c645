using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Deployment;

/// <summary>The package's life on a new machine: installed, run by hand and by systemd under the unit's restrictions, upgraded, removed, purged.</summary>
[Collection(nameof(OnePackage))]
public sealed class PackageTests(DebianPackage package) : IAsyncLifetime
{
    private const string Name = "inspection-appliance", State = "/var/lib/inspection-appliance", Config = "/etc/inspection-appliance/appliance.json";
    private static readonly string[] AsTheUser = ["setpriv", "--reuid", Name, "--regid", Name, "--init-groups"];
    private readonly HttpClient http = new();
    private CleanRoot root = null!;

    public async ValueTask InitializeAsync() => root = await CleanRoot.MountAsync();

    [Fact]
    public async Task Package_InACleanDebian_RunsUpgradesAndKeepsRecordsAndConfiguration()
    {
        Assert.Contains("systemctl start", await root.InstallAsync(package.Path), StringComparison.Ordinal);
        Assert.Equal("640 root " + Name, await StatAsync(Config));
        Assert.Equal($"750 {Name} {Name}", await StatAsync(State));
        var configuration = Configurations.Embedded(Configurations.Free("cam1", "sim:plates", 5));
        (configuration["StateDirectory"], configuration["Listen"]) = (State, "http://127.0.0.1:0");
        await File.WriteAllTextAsync(root.In(Config[1..]), configuration.ToJsonString(), TestContext.Current.CancellationToken);

        await RunsByHandAsync();
        await using (var machine = await BootedRoot.StartAsync(root))
        {
            await RunsConfinedAsync(machine);
            await ReloadsAsync(machine);
            await TrainsConfinedAsync(machine);
            await UpgradesAsync(machine);
            Assert.Equal(configuration.ToJsonString(), await File.ReadAllTextAsync(root.In(Config[1..]), TestContext.Current.CancellationToken));
            await machine.RunAsync("systemctl", "stop", Name);
            Assert.Contains("Result=success", await machine.RunAsync("systemctl", "show", Name), StringComparison.Ordinal);
            Assert.Equal("", (await machine.RunAsync("journalctl", "-q", "--no-pager", "-p", "err", "-u", Name)).Trim());
        }

        await root.RunAsync([.. AsTheUser, "appliance", "verify", "--state", State]);
        await IsRemovedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await root.DisposeAsync();
    }

    private async Task RunsByHandAsync()
    {
        await using var service = root.Start([.. AsTheUser, "appliance", "run", "--config", Config]);
        var address = await ReachAsync(() => service.HasExited ? service.Output : null);
        Assert.Contains("cam1", await root.RunAsync("appliance", "status", "--url", address), StringComparison.Ordinal);
        Assert.Equal(0, await service.TerminateAsync());
    }

    // It has said READY=1 by then; what the kernel says of the process shows that the restrictions hold.
    private async Task RunsConfinedAsync(BootedRoot machine)
    {
        await machine.UntilAsync(async () => (await machine.TryAsync("systemctl", "is-active", Name)).Output.Trim() == "active", "the service is active");
        await ReachAsync(() => null);
        var process = (await machine.RunAsync("systemctl", "show", "--value", "--property", "MainPID", Name)).Trim();
        var status = await machine.RunAsync("cat", $"/proc/{process}/status");
        Assert.Matches(@"CapEff:\s+0{16}\n", status);
        Assert.Matches(@"NoNewPrivs:\s+1\n", status);
        Assert.Matches(@"Seccomp:\s+2\n", status);
        Assert.Contains("NRestarts=0", await machine.RunAsync("systemctl", "show", Name), StringComparison.Ordinal);
    }

    // Under the unit's restrictions too, the signal comes and the file can be read.
    private async Task ReloadsAsync(BootedRoot machine)
    {
        var before = await File.ReadAllTextAsync(root.In(Config[1..]));
        var changed = JsonNode.Parse(before)!;
        changed["Recipe"] = "reloaded";
        await File.WriteAllTextAsync(root.In(Config[1..]), changed.ToJsonString());
        await machine.RunAsync("systemctl", "reload", Name);
        await machine.UntilAsync(async () => (await machine.TryAsync("journalctl", "-q", "--no-pager", "-u", Name)).Output.Contains("Recipe was default and is reloaded now", StringComparison.Ordinal), "the configuration is read again");
        Assert.Contains("NRestarts=0", await machine.RunAsync("systemctl", "show", Name), StringComparison.Ordinal);
        await File.WriteAllTextAsync(root.In(Config[1..]), before);
    }

    // The unit with another program: torch, its threads and its priority under the same restrictions.
    private async Task TrainsConfinedAsync(BootedRoot machine)
    {
        await PhotographsAsync(root.In(State[1..] + "/photographs"));
        await root.RunAsync("chown", "-R", $"{Name}:{Name}", State + "/photographs");
        var unit = await File.ReadAllLinesAsync(root.In($"lib/systemd/system/{Name}.service"));
        var train = unit.Where(l => !l.StartsWith("WatchdogSec", StringComparison.Ordinal) && !l.StartsWith("Restart", StringComparison.Ordinal)).Select(l => l.Split('=')[0] switch
        {
            "Type" => "Type=oneshot",
            "ExecStart" => $"ExecStart=/usr/bin/trainer train --data {State}/photographs --out {State}/tried",
            _ => l,
        });
        await File.WriteAllLinesAsync(root.In("etc/systemd/system/inspection-trainer.service"), train);
        await machine.RunAsync("systemctl", "daemon-reload");
        await machine.RunAsync("systemctl", "start", "inspection-trainer");
        Assert.True(Directory.Exists(root.In(State[1..] + "/tried")));
        await root.RunAsync("rm", "-r", State + "/photographs", State + "/tried");
    }

    private static Task PhotographsAsync(string to)
    {
        foreach (var folder in (string[])["free", "blowhole"])
        {
            Directory.CreateDirectory(Path.Combine(to, folder));
            foreach (var file in Directory.GetFiles(Path.Combine(Repository.MagneticTile(), folder)).Order(StringComparer.Ordinal).Take(12)) File.Copy(file, Path.Combine(to, folder, Path.GetFileName(file)));
        }

        return Task.CompletedTask;
    }

    private async Task UpgradesAsync(BootedRoot machine)
    {
        var before = await EpochAsync();
        await File.WriteAllTextAsync(root.In(State[1..] + "/mine"), "kept");
        File.Move(await package.NextAsync(root.In("root")), root.In("root/upgrade.deb"));
        await machine.RunAsync("apt-get", "install", "-y", "-qq", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", "/root/upgrade.deb");
        Assert.Contains(package.Version + ".1", await machine.RunAsync("dpkg-query", "-W", Name), StringComparison.Ordinal);
        Assert.Equal("active", (await machine.TryAsync("systemctl", "is-active", Name)).Output.Trim());
        await ReachAsync(() => null);
        Assert.True(await EpochAsync() > before);
        Assert.Equal("640 root " + Name, await StatAsync(Config));
        Assert.Equal("kept", await File.ReadAllTextAsync(root.In(State[1..] + "/mine")));
    }

    // A removal keeps both; a purge takes the configuration, and the records only where somebody says so.
    private async Task IsRemovedAsync()
    {
        await root.RunAsync("cp", $"/var/lib/dpkg/info/{Name}.postrm", $"/var/lib/dpkg/info/{Name}.templates", "/root/");
        await root.RunAsync("apt-get", "remove", "-y", "-qq", Name);
        Assert.False(Directory.Exists(root.In("usr/lib/" + Name)));
        Assert.True(File.Exists(root.In(Config[1..])) && File.Exists(root.In(State[1..] + "/mine")));
        Assert.Contains("are kept", await root.RunAsync("apt-get", "purge", "-y", "-qq", Name), StringComparison.Ordinal);
        Assert.False(Directory.Exists(root.In("etc/" + Name)));
        Assert.True(File.Exists(root.In(State[1..] + "/mine")));
        await root.RunAsync("sh", "-c", $"echo '{Name} {Name}/remove_state boolean true' | debconf-set-selections && /root/{Name}.postrm purge");
        Assert.False(Directory.Exists(root.In(State[1..])));
    }

    private async Task<string> StatAsync(string path) => (await root.RunAsync("stat", "-c", "%a %U %G", path)).Trim();

    private async Task<int> EpochAsync() => (int)JsonNode.Parse(await File.ReadAllTextAsync(root.In(State[1..] + "/endpoints.json")))!["epoch"]!;

    // Waits for twenty verdicts of the service that runs now; the word of its end fails at once.
    private async Task<string> ReachAsync(Func<string?> ended)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var last = "it does not listen";
        while (await beat.WaitForNextTickAsync(limit.Token))
        {
            if (ended() is { } output) Assert.Fail(output);
            if (!File.Exists(root.In(State[1..] + "/endpoints.json"))) continue;
            var address = (string)JsonNode.Parse(await File.ReadAllTextAsync(root.In(State[1..] + "/endpoints.json")))!["http"]!;
            last = await http.GetStringAsync(new Uri(address + "/api/v1/status"), limit.Token);
            if ((long)JsonNode.Parse(last)!["inspections"]!["inspections"]! >= 20) return address;
        }

        return last;
    }
}
