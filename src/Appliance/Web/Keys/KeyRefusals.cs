using System.Net;
using Microsoft.Extensions.Logging;

namespace Appliance.Web.Keys;

/// <summary>Requests that were refused for their key: counted all, logged once a minute. Any thread.</summary>
internal sealed partial class KeyRefusals(TimeProvider time, ILogger<KeyRefusals> logger)
{
    private static readonly TimeSpan LogPeriod = TimeSpan.FromMinutes(1);
    private readonly Lock gate = new();
    private long? lastLogged;
    private long unlogged;
    private long total;

    /// <summary>Since the start.</summary>
    public long Total => Interlocked.Read(ref total);

    public void Count(IPAddress? from, string why)
    {
        Interlocked.Increment(ref total);
        long count;
        lock (gate)
        {
            unlogged++;
            if (lastLogged is { } last && time.GetElapsedTime(last) < LogPeriod) return;
            (lastLogged, count, unlogged) = (time.GetTimestamp(), unlogged, 0);
        }

        LogRefused(count, from, why);
    }

    [LoggerMessage(9001, LogLevel.Warning, "HTTP requests refused for their key since the last such line: {Count}; the last one came from {Address}: {Why}")]
    private partial void LogRefused(long count, IPAddress? address, string why);
}
