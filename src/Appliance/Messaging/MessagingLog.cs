using Microsoft.Extensions.Logging;

namespace Appliance.Messaging;

/// <summary>Event ids 4000 to 4999.</summary>
internal static partial class MessagingLog
{
    [LoggerMessage(4001, LogLevel.Information, "The embedded MQTT broker listens at {Address}:{Port}.")]
    public static partial void BrokerListens(this ILogger logger, string address, int port);

    [LoggerMessage(4002, LogLevel.Warning, "The embedded broker's queue for subscriber '{Client}' is full ({Limit} messages); its oldest messages are dropped, {Dropped} so far. Let it read faster, or raise Mqtt:BrokerQueueLimit.")]
    public static partial void QueueOverflow(this ILogger logger, string client, int limit, long dropped);

    [LoggerMessage(4003, LogLevel.Warning, "The embedded broker refused client '{Client}': {Why} ({Refused} refused since start; further ones this second are not logged)")]
    public static partial void BrokerRefused(this ILogger logger, string client, string why, long refused);

    [LoggerMessage(4004, LogLevel.Warning, "The embedded broker ended the session of subscriber '{Client}': {Why}. It misses what came meanwhile; let it read faster, raise Mqtt:BrokerQueueMegabytes or Mqtt:BrokerSessionTime, or use an external broker.")]
    public static partial void SessionEnded(this ILogger logger, string client, string why);

    [LoggerMessage(4010, LogLevel.Information, "Connected to the MQTT broker at {Address}; verdicts go on after {After}, {Backlog} are waiting.")]
    public static partial void Connected(this ILogger logger, string address, string after, long backlog);

    [LoggerMessage(4011, LogLevel.Warning, "MQTT broker at {Address}: {Problem} Verdicts wait in the journal; trying again.")]
    public static partial void Disconnected(this ILogger logger, string address, string problem);

    [LoggerMessage(4012, LogLevel.Warning, "The outbox position could not be written: {Problem} Nothing is lost; after a restart more verdicts are sent again than needed.")]
    public static partial void OutboxNotWritten(this ILogger logger, string problem);

    [LoggerMessage(4013, LogLevel.Warning, "The outbox position in {Path} is unreadable ({Problem}); the last verdicts, Mqtt:ResendLimit of them, are sent again.")]
    public static partial void OutboxUnreadable(this ILogger logger, string path, string problem);

    [LoggerMessage(4014, LogLevel.Warning, "The journal has no start of epoch {Epoch}; its verdicts are sent without the epoch message.")]
    public static partial void EpochUnknown(this ILogger logger, uint epoch);

    [LoggerMessage(4015, LogLevel.Warning, "The station cannot hear itself through the broker: {Problem} Verdicts go on; a broker that acknowledges and does not deliver is not found out.")]
    public static partial void LoopOpen(this ILogger logger, string problem);

    [LoggerMessage(4016, LogLevel.Information, "The station hears itself through the broker again.")]
    public static partial void LoopClosed(this ILogger logger);

    [LoggerMessage(4017, LogLevel.Warning, "Another program publishes on {Topic}: two stations are named '{Station}'. Give each its own Station, or readers mix them up.")]
    public static partial void LoopForeign(this ILogger logger, string topic, string station);

    [LoggerMessage(4018, LogLevel.Error, "MQTT broker at {Address}: {Problem} Taking the place back in {Wait}; verdicts wait in the journal.")]
    public static partial void TakenOver(this ILogger logger, string address, string problem, TimeSpan wait);

    [LoggerMessage(4019, LogLevel.Error, "Gave up delivering {Count} verdicts, from {From} to {To} ({Why}); the broker's readers are told, and 'appliance journal show' has those that the journal still has.")]
    public static partial void GivenUp(this ILogger logger, string count, string from, string to, string why);

    [LoggerMessage(4021, LogLevel.Warning, "The broker forbids topic {Topic}: {Detail} Verdicts go on. It is tried again every ten minutes.")]
    public static partial void TopicRefused(this ILogger logger, string topic, string detail);

    [LoggerMessage(4022, LogLevel.Information, "The broker allows topic {Topic} again.")]
    public static partial void TopicAllowed(this ILogger logger, string topic);

    [LoggerMessage(4031, LogLevel.Warning, "It is not known which verdicts were delivered before this start. The last ones, Mqtt:ResendLimit of them, are sent again; the {Count} from {From} to {To} are not: whoever may miss some finds them with 'appliance journal show'.")]
    public static partial void DeliveryUnknown(this ILogger logger, string count, string from, string to);

    [LoggerMessage(4030, LogLevel.Warning, "The outbox gives up nothing, because that cannot be recorded: {Problem}")]
    public static partial void GapNotRecorded(this ILogger logger, string problem);

    [LoggerMessage(4020, LogLevel.Warning, "Refused {About}: {Problem} ({Refused} refused since start; further ones this second are not logged)")]
    public static partial void CommandRefused(this ILogger logger, string about, string problem, long refused);
}
