using Appliance.Capture;
using Appliance.Hosting;
using Appliance.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Inspection;

internal static class InspectionSetup
{
    public static IServiceCollection AddInspection(this IServiceCollection services, ApplianceOptions options)
    {
        services.AddSingleton(s => new InspectionQueue(options.Cameras, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<InspectionStatistics>().CameLate));
        services.AddSingleton<Judge>().AddSingleton<InspectionStatistics>().AddSingleton<OpenTriggers>().AddSingleton<LineSwitch>().AddSingleton<VerdictRecorder>();
        services.AddSingleton<TriggerDesk>().AddSingleton<ITriggerInbox>(s => s.GetRequiredService<TriggerDesk>());
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<FaultWorker>(s, s.GetRequiredService<InspectionWorker>().Pulse)).AddSingleton<IFrameSink>(s => s.GetRequiredService<FaultWorker>()).AddHostedService(s => s.GetRequiredService<FaultWorker>());
        services.AddSingleton<InspectionWorker>().AddHostedService(s => s.GetRequiredService<InspectionWorker>());
        return services;
    }
}
