namespace Scenarios.Harness;

/// <summary>A real file system in a file, which can be frozen: whoever writes then hangs in the system call, as with a disk that does not answer.</summary>
internal sealed class FreezableDisk : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("disk-test-").FullName;
    private bool frozen;

    private FreezableDisk()
    {
    }

    public string Path => System.IO.Path.Combine(directory, "mount");

    public static async Task<FreezableDisk> MountAsync()
    {
        var disk = new FreezableDisk();
        Directory.CreateDirectory(disk.Path);
        var image = System.IO.Path.Combine(disk.directory, "image");
        await using (var file = File.Create(image)) file.SetLength(96 << 20);
        await RunAsync("/sbin/mkfs.ext4", "-q", image);
        await RunAsync("/bin/mount", "-o", "loop", image, disk.Path);
        return disk;
    }

    /// <summary>Until <see cref="ThawAsync"/>, or until what it returns is disposed: a process that hangs in a write cannot be killed before.</summary>
    public async Task<IAsyncDisposable> FreezeAsync()
    {
        frozen = true;
        await RunAsync("/sbin/fsfreeze", "-f", Path);
        return new Frozen(this);
    }

    public async Task ThawAsync()
    {
        if (!frozen) return;
        await RunAsync("/sbin/fsfreeze", "-u", Path);
        frozen = false;
    }

    public async ValueTask DisposeAsync()
    {
        await ThawAsync();
        await RunAsync("/bin/umount", "-l", Path);
        Directory.Delete(directory, recursive: true);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var (code, output) = await RunningProgram.RunAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} needs root and loop devices: {output}");
    }

    private sealed class Frozen(FreezableDisk disk) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await disk.ThawAsync();
    }
}
