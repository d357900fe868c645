using Appliance.Journal;
using Inference.Files;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Appliance.Messaging;

/// <summary>What messaging needs to know of the station.</summary>
/// <param name="Station">Checked by <see cref="TopicNames"/>.</param>
/// <param name="StateDirectory">Must exist; <c>outbox.json</c> lies in it.</param>
/// <param name="Version">Of the appliance.</param>
/// <param name="Mqtt">Validated.</param>
internal sealed record MessagingSettings(string Station, string StateDirectory, string Version, MqttOptions Mqtt);

internal static class MessagingSetup
{
    /// <summary>
    /// Adds broker, outbox, status and triggers. Needs <see cref="MessagingSettings"/>, <see cref="StationJournal"/>, <see cref="IFileSystem"/>,
    /// <see cref="TimeProvider"/>, <see cref="ITriggerInbox"/> and <c>Func&lt;StationSnapshot&gt;</c> in the container. The embedded broker is
    /// registered only when <paramref name="mqtt"/> asks for it, and listens before the worker starts.
    /// </summary>
    public static IServiceCollection AddMessaging(this IServiceCollection services, MqttOptions mqtt)
    {
        if (mqtt.Address.IsEmbedded)
        {
            services.AddSingleton(s => new EmbeddedBroker(s.GetRequiredService<MessagingSettings>().Mqtt, s.GetRequiredService<Topics>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<EmbeddedBroker>>()));
            services.AddHostedService(s => s.GetRequiredService<EmbeddedBroker>());
        }

        services.AddSingleton(s => new Topics(s.GetRequiredService<MessagingSettings>().Station));
        services.AddSingleton(OutboxFileOf).AddSingleton(TrailOf).AddSingleton<EpochHistory>().AddSingleton<Gaps>().AddSingleton<OutboxBound>().AddSingleton<OutboxState>().AddSingleton<TopicRights>();
        services.AddSingleton(s => new BrokerConnector(
            s.GetRequiredService<MessagingSettings>().Mqtt, s.GetRequiredService<Topics>(), s.GetService<EmbeddedBroker>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<VerdictPublisher>().AddSingleton<StationStatus>().AddSingleton<CommandErrors>().AddSingleton<MqttTriggers>().AddSingleton<BrokerLoop>();
        services.AddSingleton<MessagingWorker>().AddHostedService(s => s.GetRequiredService<MessagingWorker>());
        return services;
    }

    private static OutboxFile OutboxFileOf(IServiceProvider s)
        => new(s.GetRequiredService<IFileSystem>(), Path.Combine(s.GetRequiredService<MessagingSettings>().StateDirectory, "outbox.json"), s.GetRequiredService<ILogger<OutboxFile>>());

    private static AckTrail TrailOf(IServiceProvider s)
    {
        var mqtt = s.GetRequiredService<MessagingSettings>().Mqtt;
        return new(s.GetRequiredService<OutboxFile>().Read(), mqtt.ResendSpan, mqtt.ResendLimit, s.GetRequiredService<TimeProvider>());
    }
}
