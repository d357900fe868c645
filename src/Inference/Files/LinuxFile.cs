using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Inference.Files;

/// <summary>One open descriptor with O_APPEND. Owns it.</summary>
internal sealed class LinuxFile(string path, SafeFileHandle handle) : IWritableFile
{
    public long LengthBytes => RandomAccess.GetLength(handle);

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var written = Libc.Write(handle, in MemoryMarshal.GetReference(bytes), (nuint)bytes.Length);
            if (written < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted) continue;
            if (written < 0) throw Libc.Error("write to", path);
            bytes = bytes[(int)written..];
        }
    }

    // Not retried, not even when interrupted: after a failed sync the kernel may have dropped the dirty pages.
    public void Sync()
    {
        if (Libc.Fdatasync(handle) != 0) throw Libc.Error("sync", path);
    }

    public void Truncate(long lengthBytes)
    {
        if (Libc.Ftruncate(handle, lengthBytes) != 0) throw Libc.Error("truncate", path);
    }

    public void Allocate(long lengthBytes)
    {
        int errno;
        do errno = Libc.PosixFallocate(handle, 0, lengthBytes);
        while (errno == Libc.Interrupted);
        if (errno != 0) throw Libc.Error("reserve room for", path, errno);
    }

    public void Dispose() => handle.Dispose();
}
