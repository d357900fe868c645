using System.Globalization;
using Scenarios.Harness;

namespace Scenarios.Deployment;

/// <summary>A clean root as a machine of its own: systemd runs as its first process, with the network of this one.</summary>
internal sealed class BootedRoot : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private readonly RunningProgram container;
    private string leader = "";

    private BootedRoot(CleanRoot root) => container = RunningProgram.Start(
        Repository.Tool("/usr/bin/systemd-nspawn"), ["--directory", root.Directory, "--boot", "--quiet", "--register=no", "--keep-unit", "--console=pipe", $"--machine={Path.GetFileName(Path.GetDirectoryName(root.Directory))}"]);

    public static async Task<BootedRoot> StartAsync(CleanRoot root)
    {
        var machine = new BootedRoot(root);
        try
        {
            await machine.UntilAsync(() => machine.FindLeaderAsync(), "systemd runs");
            // 'degraded' is well enough: some units of Debian find no hardware here.
            await machine.UntilAsync(async () => (await machine.TryAsync("systemctl", "is-system-running")).Output.Trim() is "running" or "degraded", "it has booted");
            return machine;
        }
        catch
        {
            await machine.container.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command inside. Exit code and what it printed.</summary>
    public Task<(int Code, string Output)> TryAsync(params string[] command) =>
        RunningProgram.RunAsync("/usr/bin/nsenter", ["--target", leader, "--all", "/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", .. command]);

    /// <summary>Runs a command inside, which must end with 0. What it printed.</summary>
    public async Task<string> RunAsync(params string[] command)
    {
        var (code, output) = await TryAsync(command);
        Assert.True(code == 0, $"{string.Join(' ', command)} ended with {code}:\n{output}\n{(await TryAsync("journalctl", "--no-pager", "-n", "40")).Output}");
        return output;
    }

    public async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var stop = new CancellationTokenSource(Limit);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!await condition())
        {
            Assert.False(container.HasExited, $"The container ended before {what}:\n{container.Output}");
            Assert.False(stop.IsCancellationRequested, $"Not within {Limit}: {what}\n{(await TryAsync("journalctl", "--no-pager", "-n", "40")).Output}");
            await beat.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await container.TerminateAsync();
        }
        finally
        {
            await container.DisposeAsync();
        }
    }

    // Its first process is the first child of systemd-nspawn.
    private async Task<bool> FindLeaderAsync()
    {
        var id = container.Id.ToString(CultureInfo.InvariantCulture);
        leader = (await File.ReadAllTextAsync($"/proc/{id}/task/{id}/children")).Split(' ')[0];
        return leader.Length > 0 && (await TryAsync("systemctl", "is-system-running")).Output.Trim() is "starting" or "running" or "degraded";
    }
}
