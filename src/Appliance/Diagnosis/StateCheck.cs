using System.Diagnostics;
using System.Globalization;
using Appliance.Disk;
using Appliance.Hosting;
using Appliance.Journal;
using Inference.Files;

namespace Appliance.Diagnosis;

/// <summary>The state directory: whose it is, whether it may be written, how much room it has and how long a sync takes.</summary>
internal static class StateCheck
{
    private const int Syncs = 20;

    // A label is acknowledged after one sync, and a group of verdicts takes one: beyond this the operator waits, and nothing else goes wrong.
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(50);

    public static IEnumerable<Finding> Look(ApplianceOptions options, bool held)
    {
        var state = options.StateDirectory;
        if ((StateDirectory.Refuse(state, options.Station) ?? JournalHeaders.Newer(state)) is { } refusal)
        {
            yield return Finding.Failed("state", refusal, "The service does not start with it; nothing in it is changed.");
            yield break;
        }

        if (!Directory.Exists(state))
        {
            yield return Finding.Ok("state", $"{state} is made at the first start");
            yield break;
        }

        yield return Finding.Ok("state", $"{state} is this station's{(held ? ", and its service has it" : "")}; user '{Environment.UserName}' may write there");
        yield return Access(state);
        yield return Room(options);
        yield return SyncTime(state);
    }

    private static Finding Access(string state) => (new DirectoryInfo(state).UnixFileMode & UnixFileMode.OtherRead) == 0
        ? Finding.Ok("permissions", "the records are for their owner alone")
        : Finding.Warning("permissions", $"everybody on this machine may read {state}", $"chmod o= {state}");

    private static Finding Room(ApplianceOptions options)
    {
        if (DiskSpace.TryFreeAt(options.StateDirectory) is not { } free) return Finding.Failed("disk", "it does not say how much is free", "See 'dmesg' for errors of the disk.");
        var seen = string.Create(CultureInfo.InvariantCulture, $"{free / 1e9:F1} GB free; Disk:MinFreeBytes is {options.Disk.MinFreeBytes / 1e9:F1} GB");
        if (free < options.Disk.MinFreeBytes) return Finding.Failed("disk", seen, "Free space: no sample is kept and nothing is trained until then. Verdicts go on.");
        return free < 2 * options.Disk.MinFreeBytes ? Finding.Warning("disk", seen, "Free space before it runs out.") : Finding.Ok("disk", seen);
    }

    private static Finding SyncTime(string state)
    {
        var path = Path.Combine(state, string.Create(CultureInfo.InvariantCulture, $"doctor-{Environment.ProcessId}.tmp"));
        try
        {
            var median = Median(path);
            var seen = string.Create(CultureInfo.InvariantCulture, $"{median.TotalMilliseconds:F2} ms a sync, the median of {Syncs}");
            return median > Slow ? Finding.Warning("sync", seen, "Labels and triggers are acknowledged after one. See what else writes to this disk, or use a faster one.") : Finding.Ok("sync", seen);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Failed("sync", $"a file in {state} cannot be written and synced: {e.Message}", "Free space, or repair the disk.");
        }
        finally
        {
            LinuxFileSystem.Instance.Delete(path);
        }
    }

    private static TimeSpan Median(string path)
    {
        var files = LinuxFileSystem.Instance;
        var block = new byte[4096];
        var times = new List<TimeSpan>();
        files.Delete(path);
        using var file = files.CreateNew(path);
        for (var i = 0; i < Syncs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            file.Write(block);
            file.Sync();
            times.Add(Stopwatch.GetElapsedTime(start));
        }

        times.Sort();
        return times[Syncs / 2];
    }
}
