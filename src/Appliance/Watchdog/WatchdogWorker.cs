using System.Globalization;
using Appliance.Health;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Appliance.Watchdog;

/// <summary>
/// Tells the service manager that the line makes progress, and only then: when judging or the journal's sync stands still for half of
/// WatchdogSec, nothing is told, and the manager ends the process and starts it again. Cameras and broker are not waited for: they have their own limits.
/// </summary>
internal sealed class WatchdogWorker(PipelineProgress progress, ISystemdNotifier? notifier, TimeProvider time, ILogger<WatchdogWorker> logger) : BackgroundService
{
    /// <summary>WatchdogSec as systemd hands it to its unit, microseconds; null where nobody asks.</summary>
    private static TimeSpan? Interval() =>
        ulong.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds is > 0 and < long.MaxValue / 10
            && (Environment.GetEnvironmentVariable("WATCHDOG_PID") is not { } pid || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = Interval();
        var limit = interval / 2 ?? PipelineProgress.UsualLimit;
        string? stuck = null;
        using var timer = new PeriodicTimer(limit / 2, time);
        do
        {
            var before = stuck;
            stuck = progress.Stuck(limit);
            if (stuck is null && interval is not null) notifier?.Notify(new ServiceState("WATCHDOG=1"));
            if (stuck is not null && before is null) logger.Stuck(stuck, limit.TotalSeconds);
            if (stuck is null && before is not null) logger.Moving(before);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).AsTask().ConfigureAwait(false));
    }
}

internal static partial class WatchdogLog
{
    [LoggerMessage(10000, LogLevel.Critical, "{Loop} stands still for more than {Seconds:F1} s: the service manager is told of no progress until it goes on")]
    public static partial void Stuck(this ILogger logger, string loop, double seconds);

    [LoggerMessage(10001, LogLevel.Warning, "{Loop} goes on")]
    public static partial void Moving(this ILogger logger, string loop);
}
