using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Policies;

internal static class PolicySetup
{
    public static IServiceCollection AddPolicies(this IServiceCollection services) => services.AddSingleton<PolicyDesk>();
}
