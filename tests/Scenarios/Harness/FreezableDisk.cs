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

    public async Task FreezeAsync()
    {
        await RunAsync("/sbin/fsfreeze", "-f", Path);
        frozen = true;
    }

    public async Task ThawAsync()
    {
        await RunAsync("/sbin/fsfreeze", "-u", Path);
        frozen = false;
    }

    public async ValueTask DisposeAsync()
    {
        if (frozen) await ThawAsync();
        await RunAsync("/bin/umount", "-l", Path);
        Directory.Delete(directory, recursive: true);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var (code, output) = await RunningProgram.RunAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} needs root and loop devices: {output}");
    }
}
