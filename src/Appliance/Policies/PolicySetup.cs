using Appliance.Hosting;
using Appliance.Models;
using Appliance.Samples;
using Inference.Embeddings;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Policies;

internal static class PolicySetup
{
    public static IServiceCollection AddPolicies(this IServiceCollection services, ApplianceOptions options) => services.AddSingleton(s => new PolicyDesk(
        s.GetRequiredService<LiveModel>(), s.GetRequiredService<SampleIndex>(), s.GetRequiredService<EmbeddingSpec>(), options.StateDirectory, s.GetRequiredService<TimeProvider>()));
}
