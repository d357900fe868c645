using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Inference.Files;

/// <summary>The few calls that .NET does not offer as they are. Flag values are those of Linux on x86-64 and arm64.</summary>
internal static partial class Libc
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int Append = 0x400;
    public const int CloseOnExec = 0x80000;

    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int AccessDenied = 13;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeFileHandle file, in byte first, nuint count);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int Fdatasync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Ftruncate(SafeFileHandle file, long length);

    /// <summary>Returns the errno instead of setting it.</summary>
    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    public static partial int PosixFallocate(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(string path);

    /// <summary>The exception for the call that has just failed on this thread.</summary>
    public static Exception Error(string verb, string path) => Error(verb, path, Marshal.GetLastPInvokeError());

    /// <summary>The exception for a call that failed with this errno.</summary>
    public static Exception Error(string verb, string path, int errno)
    {
        var message = $"Cannot {verb} '{path}': {Marshal.GetPInvokeErrorMessage(errno)}.";
        return errno is NotPermitted or AccessDenied ? new UnauthorizedAccessException(message) : new IOException(message, errno);
    }
}
