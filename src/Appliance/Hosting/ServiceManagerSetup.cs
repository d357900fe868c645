using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Console;

namespace Appliance.Hosting;

/// <summary>
/// Tells a service manager that asks, by NOTIFY_SOCKET, when the service is ready, alive and stopping. AddSystemd would look for a parent called
/// systemd instead: a process that ProtectProc= hides, and that a container's manager is not.
/// </summary>
internal static class ServiceManagerSetup
{
    public static IServiceCollection AddServiceManager(this IServiceCollection services)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 }) return services;
        services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = ConsoleFormatterNames.Systemd);
        return services.AddSingleton<ISystemdNotifier, SystemdNotifier>().AddSingleton<IHostLifetime, SystemdLifetime>();
    }
}
