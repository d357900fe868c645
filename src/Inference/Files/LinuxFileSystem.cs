using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Inference.Files;

/// <summary>The real disk, by the system calls whose guarantees the journal rests on: O_APPEND, fdatasync, fsync of a directory, rename.</summary>
/// <remarks>Stateless and safe for any thread. <see cref="Exception.HResult"/> of an <see cref="IOException"/> is the errno (28 is a full disk).</remarks>
public sealed class LinuxFileSystem : IFileSystem
{
    /// <summary>The only one needed.</summary>
    public static LinuxFileSystem Instance { get; } = new();

    /// <inheritdoc />
    public IWritableFile OpenAppend(string path) => Open(path, Libc.WriteOnly | Libc.Append | Libc.Create);

    /// <inheritdoc />
    public IWritableFile CreateNew(string path) => Open(path, Libc.WriteOnly | Libc.Append | Libc.Create | Libc.Exclusive);

    /// <inheritdoc />
    public Stream OpenScratch(string path) => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);

    /// <inheritdoc />
    public void Rename(string from, string to)
    {
        if (Libc.Rename(from, to) != 0) throw Libc.Error($"rename '{from}' to", to);
    }

    /// <inheritdoc />
    public void Delete(string path)
    {
        if (Libc.Unlink(path) != 0 && Marshal.GetLastPInvokeError() != Libc.NoEntry) throw Libc.Error("delete", path);
    }

    /// <inheritdoc />
    public void CreateDirectory(string path)
    {
        if (Directory.Exists(path)) return;
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path))
            ?? throw new IOException($"Cannot make the directory '{path}': it has no parent.");
        CreateDirectory(parent);
        Directory.CreateDirectory(path);
        SyncDirectory(parent);
    }

    /// <inheritdoc />
    public void SyncDirectory(string path)
    {
        using var handle = OpenHandle(path, Libc.ReadOnly);
        if (Libc.Fsync(handle) != 0) throw Libc.Error("sync the directory", path);
    }

    private static LinuxFile Open(string path, int flags) => new(path, OpenHandle(path, flags));

    private static SafeFileHandle OpenHandle(string path, int flags)
    {
        const int ownerWritesGroupReads = 0x1A0;
        int descriptor;
        do descriptor = Libc.Open(path, flags | Libc.CloseOnExec, ownerWritesGroupReads);
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Libc.Error("open", path);
    }
}
