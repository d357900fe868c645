using System.Runtime.InteropServices;
using Appliance.Journal;

namespace Appliance.Hosting;

/// <summary>Whether a state directory can be this station's. Looks only, so that nothing in a wrong one is touched.</summary>
internal static partial class StateDirectory
{
    private const int Writable = 2, Searchable = 1, ReadOnlyFileSystem = 30;

    /// <summary>Why this station cannot use it; null where nothing speaks against it. Whether another process uses it is told by its lock.</summary>
    public static string? Refuse(string state, string station) => RefuseOwner(state, station) ?? RefuseRights(state);

    /// <summary>Where it is another station's.</summary>
    public static string? RefuseOwner(string state, string station) => JournalStation.Newest(state) is { } owner && owner != station
        ? $"State directory '{state}' belongs to station '{owner}', this one is '{station}'. Use that name, or another state directory."
        : null;

    /// <summary>Where this user cannot write there, or where it would have to be made.</summary>
    public static string? RefuseRights(string state)
    {
        var place = state;
        while (!Directory.Exists(place) && Path.GetDirectoryName(place) is { } parent) place = parent;
        if (Access(place, Writable | Searchable) == 0) return null;
        return Marshal.GetLastPInvokeError() == ReadOnlyFileSystem
            ? $"State directory '{state}' lies on a file system that is mounted read-only. Mount it for writing; a disk with errors becomes read-only by itself, and 'dmesg' tells of it."
            : $"State directory '{state}': user '{Environment.UserName}' may not write in {place}. Run as its owner, or give it to this user with chown.";
    }

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);
}
