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
    private bool low;

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

    /// <summary>Why nothing but the journal may be written; null while there is room. It lasts until a tenth more than the limit is free.</summary>
    public string? Shortage
    {
        get
        {
            Look();
            return Volatile.Read(ref low) ? $"{Interlocked.Read(ref free)} bytes are free on the disk of the state directory; Disk:MinFreeBytes is {options.MinFreeBytes}" : null;
        }
    }

    public static long FreeAt(string directory) => new DriveInfo(directory).AvailableFreeSpace;

    private void Look()
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            if (looked is { } then && time.GetElapsedTime(then, now) < Period) return;
            looked = now;
            Interlocked.Exchange(ref free, freeBytes());
            var limit = low ? options.MinFreeBytes + options.MinFreeBytes / 10 : options.MinFreeBytes;
            if (low == free < limit) return;
            Volatile.Write(ref low, !low);
        }
        if (low) LogLow(free, options.MinFreeBytes);
        else LogEnough(free);
        Changed?.Invoke();
    }

    [LoggerMessage(8000, LogLevel.Warning, "The disk has {Free} bytes free, fewer than Disk:MinFreeBytes ({Limit}): no samples are kept and no head is trained until there is room. Verdicts go on.")]
    private partial void LogLow(long free, long limit);

    [LoggerMessage(8001, LogLevel.Information, "The disk has {Free} bytes free: samples are kept again")]
    private partial void LogEnough(long free);
}
