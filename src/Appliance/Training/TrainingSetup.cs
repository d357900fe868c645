using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Training;

internal static class TrainingSetup
{
    public static IServiceCollection AddTraining(this IServiceCollection services)
    {
        services.AddSingleton<TrainingState>().AddSingleton<TrainingRound>().AddSingleton<ModelComparer>();
        services.AddSingleton<TrainingWorker>().AddHostedService(s => s.GetRequiredService<TrainingWorker>());
        return services;
    }
}
