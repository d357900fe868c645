using Scenarios.Harness;

namespace Scenarios.Deployment;

/// <summary>
/// A minimal Debian in a directory, to install into as root would on a new machine. What debootstrap made stays under out/deployment for the
/// next run; each run writes to an overlay over it. The mirror is the one that apt uses here.
/// </summary>
internal sealed class CleanRoot : IAsyncDisposable
{
    private const string Release = "bookworm", Program = "/usr/bin/unshare";
    // Builds, and packages from a mirror.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);
    private readonly string run;

    private CleanRoot(string run) => this.run = run;

    public static string Work { get; } = Path.Combine(Repository.Root, "out/deployment");

    /// <summary>As seen from outside.</summary>
    public string Directory => Path.Combine(run, "root");

    public static async Task<CleanRoot> MountAsync()
    {
        System.IO.Directory.CreateDirectory(Work);
        var sources = await SourcesAsync();
        var lower = await BaseAsync(sources);
        var root = new CleanRoot(System.IO.Directory.CreateTempSubdirectory("appliance-root-").FullName);
        foreach (var part in (string[])["root", "upper", "work"]) System.IO.Directory.CreateDirectory(Path.Combine(root.run, part));
        await DoneAsync("/bin/mount", "-t", "overlay", "overlay", "-o", $"lowerdir={lower},upperdir={root.run}/upper,workdir={root.run}/work", root.Directory);
        await File.WriteAllLinesAsync(root.In("etc/apt/sources.list"), sources.Select(s => $"deb {s}"));
        await File.WriteAllTextAsync(root.In("etc/apt/apt.conf.d/90outside"), (await DoneAsync("/usr/bin/apt-config", "dump", "--no-empty", "Acquire")).Replace("Acquire \"\";", "", StringComparison.Ordinal));
        File.Copy("/etc/resolv.conf", root.In("etc/resolv.conf"), overwrite: true);
        await root.RunAsync("apt-get", "update", "-qq");
        return root;
    }

    /// <summary>The path outside of a path inside, which has no leading slash.</summary>
    public string In(string path) => Path.Combine(Directory, path);

    /// <summary>Runs a command inside, which must end with 0. What it printed.</summary>
    public Task<string> RunAsync(params string[] command) => DoneAsync(Program, [.. Arguments(["/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", .. command])]);

    /// <summary>Starts a command inside, as the process itself.</summary>
    public RunningProgram Start(params string[] command) => RunningProgram.Start(Program, Arguments(command));

    /// <summary>Brings the packages that are needed, and no recommended ones.</summary>
    public async Task<string> InstallAsync(string package)
    {
        File.Copy(package, In("root/" + Path.GetFileName(package)), overwrite: true);
        return await RunAsync("apt-get", "install", "-y", "-qq", "--no-install-recommends", "/root/" + Path.GetFileName(package));
    }

    public async ValueTask DisposeAsync()
    {
        await DoneAsync("/bin/umount", "-l", Directory);
        System.IO.Directory.Delete(run, recursive: true);
    }

    internal static async Task<string> DoneAsync(string program, params string[] arguments)
    {
        var (code, output) = await RunningProgram.RunAsync(Limit, program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}:\n{output}");
        return output;
    }

    // With a /proc that nobody else sees, and that goes with the process.
    private IEnumerable<string> Arguments(string[] command) => ["--mount", "/bin/sh", "-c", "mount -t proc proc \"$0/proc\" && exec chroot \"$0\" \"$@\"", Directory, .. command];

    private static async Task<string> BaseAsync(IReadOnlyList<string> sources)
    {
        var done = Path.Combine(Work, Release);
        if (System.IO.Directory.Exists(done)) return done;
        var part = done + ".part";
        if (System.IO.Directory.Exists(part)) System.IO.Directory.Delete(part, recursive: true);
        var mirror = sources.First(s => s.Contains($" {Release} ", StringComparison.Ordinal)).Split(' ')[0];
        await DoneAsync(Repository.Tool("/usr/sbin/debootstrap"), "--variant=minbase", "--include=systemd", Release, part, mirror);
        System.IO.Directory.Move(part, done);
        return done;
    }

    // Address, release and component of each Debian source of this machine.
    private static async Task<IReadOnlyList<string>> SourcesAsync()
    {
        var said = await DoneAsync("/usr/bin/apt-get", "indextargets", "Created-By: Packages", "--format", "$(SITE) $(RELEASE) $(COMPONENT)");
        return [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Where(s => s.Split(' ')[1].StartsWith(Release, StringComparison.Ordinal))];
    }
}
