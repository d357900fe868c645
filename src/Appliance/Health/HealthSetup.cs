using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Health;

internal static class HealthSetup
{
    public static IServiceCollection AddHealth(this IServiceCollection services) => services.AddSingleton<PipelineProgress>().AddSingleton<Readiness>();
}
