using Appliance.Hosting;
using Inference.Files;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Evidence;

internal static class EvidenceSetup
{
    /// <summary>Why a part got its verdict, by place: stored with samples, found or computed for those who ask.</summary>
    public static IServiceCollection AddEvidence(this IServiceCollection services, ApplianceOptions options)
    {
        services.AddSingleton(s => new EvidenceStore(s.GetRequiredService<IFileSystem>(), EvidenceStore.RootOf(options.StateDirectory)));
        services.AddSingleton<EvidenceDesk>();
        return services;
    }
}
