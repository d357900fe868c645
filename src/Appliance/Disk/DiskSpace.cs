using Microsoft.Extensions.Logging;

namespace Appliance.Disk;

/// <summary>Whether the state directory's disk has room for more than the journal. Looks at most once a second. Safe for several threads.</summary>
/// <param name="freeBytes">What is free there now.</param>
internal sealed partial class DiskSpace(DiskOptions options, Func<long> freeBytes, TimeProvider time, ILogger<DiskSpace> logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private long? looked;
    private long free;
    private volatile string? shortage;

    /// <summary>Raised when room runs out and when it is back, on the thread that asked.</summary>
    public event Action? Changed;

    /// <summary>Bytes free when last looked at.</summary>
    public long FreeBytes
    {
        get
        {
            Look();
            return Interlocked.Read(ref free);
        }
    }

    /// <summary>Why nothing but the journal may be written; null while there is room. It lasts until a tenth more than the limit is free. A disk that does not say counts as full.</summary>
    public string? Shortage
    {
        get
        {
            Look();
            return shortage;
        }
    }

    /// <exception cref="IOException">The disk does not say.</exception>
    public static long FreeAt(string directory) => new DriveInfo(directory).AvailableFreeSpace;

    /// <summary>Null where the disk does not say.</summary>
    public static long? TryFreeAt(string directory)
    {
        try
        {
            return FreeAt(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Look()
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            if (looked is { } then && time.GetElapsedTime(then, now) < Period) return;
            looked = now;
            var before = shortage;
            shortage = Ask(before is not null);
            if (shortage is null == before is null) return;
        }
        if (shortage is { } why) LogLow(why);
        else LogEnough(free);
        Changed?.Invoke();
    }

    private string? Ask(bool low)
    {
        try
        {
            Interlocked.Exchange(ref free, freeBytes());
            var limit = low ? options.MinFreeBytes + options.MinFreeBytes / 10 : options.MinFreeBytes;
            return free < limit ? $"{free} bytes are free on the disk of the state directory; Disk:MinFreeBytes is {options.MinFreeBytes}" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the disk of the state directory does not say how much is free ({e.Message})";
        }
    }

    [LoggerMessage(8000, LogLevel.Warning, "No samples are kept and no head is trained until there is room: {Shortage}. Verdicts go on.")]
    private partial void LogLow(string shortage);

    [LoggerMessage(8001, LogLevel.Information, "The disk has {Free} bytes free: samples are kept again")]
    private partial void LogEnough(long free);
}
