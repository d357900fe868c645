using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Capture;

internal static class CaptureSetup
{
    public static IServiceCollection AddCapture(this IServiceCollection services)
    {
        services.AddSingleton<CameraFleet>().AddHostedService(s => s.GetRequiredService<CameraFleet>());
        return services;
    }
}
