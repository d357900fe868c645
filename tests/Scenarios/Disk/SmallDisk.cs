using System.Globalization;
using Scenarios.Harness;

namespace Scenarios.Disk;

/// <summary>A real file system of a few MiB (tmpfs) at a directory, and a ballast file that takes all of it. Needs root, or user namespaces.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string directory;
    private readonly RunningProgram? holder;

    private SmallDisk(string directory, RunningProgram? holder) => (this.directory, this.holder) = (directory, holder);

    private string Ballast => Path.Combine(directory, "ballast");

    public static async Task<SmallDisk> MountAsync(string directory, int sizeMiB)
    {
        var size = string.Create(CultureInfo.InvariantCulture, $"size={sizeMiB}m");
        Directory.CreateDirectory(directory);
        var (code, output) = await RunningProgram.RunAsync("/usr/bin/mount", "-t", "tmpfs", "-o", size, "tmpfs", directory);
        if (code == 0) return new(directory, null);

        // In a namespace of its own; seen from here through its process.
        var holder = RunningProgram.Start("/usr/bin/unshare", ["-rm", "sh", "-c", $"mount -t tmpfs -o {size} tmpfs '{directory}' && echo mounted && exec sleep infinity"]);
        await holder.UntilAsync(l => l.Contains("mounted"), TimeSpan.FromSeconds(10), $"a tmpfs can be mounted, as root ({output}) or in a user namespace");
        Directory.Delete(directory);
        Directory.CreateSymbolicLink(directory, string.Create(CultureInfo.InvariantCulture, $"/proc/{holder.Id}/root{directory}"));
        return new(directory, holder);
    }

    /// <summary>Writes the ballast until nothing more fits.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var block = new byte[1 << 20];
        for (var size = block.Length; size > 0;)
        {
            try
            {
                ballast.Write(block, 0, size);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    public void Free() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        if (holder is null)
        {
            await RunningProgram.RunAsync("/usr/bin/umount", "-l", directory);
            return;
        }
        File.Delete(directory);
        await holder.DisposeAsync();
    }
}
