using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Capture.Folders;

/// <summary>
/// Whether a file is still being written. Linux grants a read lease only on a file that nobody has open for writing. Where leases do
/// not work (another owner's file, network file systems) a file counts as complete when it has not changed for a while.
/// </summary>
internal static partial class ArrivingFile
{
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(500);

    // An empty file is often one whose writer opens it again for the content.
    private static readonly TimeSpan EmptySettled = TimeSpan.FromSeconds(2);

    /// <summary>What a look at the file showed.</summary>
    public enum State
    {
        Gone,
        Arriving,
        Complete,
    }

    public static State Look(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) return State.Gone;
            var age = Age(file);
            if (file.Length == 0) return age >= EmptySettled ? State.Complete : State.Arriving;
            return OpenForWriting(path) switch
            {
                true => State.Arriving,
                false => State.Complete,
                null => age >= Settled ? State.Complete : State.Arriving,
            };
        }
        catch (FileNotFoundException)
        {
            return State.Gone;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return State.Complete;
        }
    }

    // Compared with the clock that stamps files; a stamp in the future counts as old.
    private static TimeSpan Age(FileInfo file)
    {
        var age = TimeProvider.System.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc;
        return age < TimeSpan.Zero ? TimeSpan.MaxValue : age;
    }

    private static bool? OpenForWriting(string path)
    {
        const int setLease = 1024, setSignal = 10, readLock = 0, unlock = 2, tryAgain = 11;

        // A lease that is broken while held sends SIGIO, which would end the process; SIGURG is ignored by default.
        const int sigUrg = 23;
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (Control(handle, setSignal, sigUrg) != 0) return null;
        if (Control(handle, setLease, readLock) == 0)
        {
            _ = Control(handle, setLease, unlock);
            return false;
        }

        return Marshal.GetLastPInvokeError() == tryAgain ? true : null;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, int argument);
}
