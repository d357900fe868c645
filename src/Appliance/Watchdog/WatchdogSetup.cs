using Appliance.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Appliance.Watchdog;

internal static class WatchdogSetup
{
    public static IServiceCollection AddWatchdog(this IServiceCollection services) => services.AddHostedService(s => new WatchdogWorker(
        s.GetRequiredService<PipelineProgress>(), s.GetService<ISystemdNotifier>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<WatchdogWorker>>()));
}
