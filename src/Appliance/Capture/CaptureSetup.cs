using Appliance.Capture.Folders;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Capture;

internal static class CaptureSetup
{
    /// <summary>What is inspected of watched folders; outlives the judging, which says so.</summary>
    public static IServiceCollection AddTakenLists(this IServiceCollection services) => services.AddSingleton<TakenLists>().AddHostedService(s => s.GetRequiredService<TakenLists>());

    public static IServiceCollection AddCapture(this IServiceCollection services)
    {
        services.AddSingleton<CameraFleet>().AddHostedService(s => s.GetRequiredService<CameraFleet>());
        return services;
    }
}
