using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MQTTnet.Server;

namespace Appliance.Messaging;

/// <summary>
/// A broker inside the process, so that a station works without one in the plant. Its sessions, queues and retained messages live
/// in memory: a subscriber that must miss nothing across a restart of the appliance reads from an external broker.
/// </summary>
internal sealed class EmbeddedBroker(MqttOptions options, Topics topics, TimeProvider time, ILogger<EmbeddedBroker> logger) : BackgroundService
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(30);
    private readonly BrokerGuard guard = new(options.ClientIdOf(topics.Station), topics, options.BrokerClientLimit);
    private readonly RateLimit logs = new(1, TimeSpan.FromSeconds(1), time);
    private readonly Lock gate = new();
    private MqttServer? server;
    private BrokerQueues? queues;
    private BrokerListener? listener;
    private long dropped;
    private long refused;

    /// <summary>The port that it listens at; 0 before the start.</summary>
    public int Port { get; private set; }

    public string Host => options.Listen is "0.0.0.0" or "::" ? "127.0.0.1" : options.Listen;

    /// <summary>With it the station's own client connects.</summary>
    public string Password => guard.Password;

    /// <summary>Messages dropped because a subscriber's queue was full.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    /// <summary>Packets, payloads and connections that were refused because of a limit, and publishes in the station's name.</summary>
    public long Refused => Interlocked.Read(ref refused);

    /// <summary>Connected, without the station itself.</summary>
    public int Clients => guard.Clients;

    /// <summary>Held for subscribers until they acknowledge.</summary>
    public long QueuedBytes => queues?.TotalBytes ?? 0;

    /// <exception cref="BrokerException">The port is in use, or the address cannot be bound.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ListenAsync(IPAddress.Parse(options.Listen));
        }
        catch (SocketException e)
        {
            throw new BrokerException(Explain(e, options.Port), e);
        }

        logger.BrokerListens(options.Listen, Port);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (server is { IsStarted: true } running) await running.StopAsync(new MqttServerStopOptions());
    }

    public override void Dispose()
    {
        server?.Dispose();
        listener?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepPeriod, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await queues!.SweepAsync();
    }

    private async Task ListenAsync(IPAddress address)
    {
        listener = new(address, options.Port, time, (from, why) => Refuse(from?.ToString(), why));
        queues = new(options.ClientIdOf(topics.Station), (long)options.BrokerQueueMegabytes << 20, options.BrokerSessionTime, time, (client, why) => logger.SessionEnded(client, why));
        var built = new MqttServerOptionsBuilder()
            .WithPersistentSessions()
            .WithMaxPendingMessagesPerClient(options.BrokerQueueLimit)
            .WithPendingMessagesOverflowStrategy(MqttPendingMessagesOverflowStrategy.DropOldestQueuedMessage)
            .Build();
        server = new MqttServerFactory().CreateMqttServer(built, [listener]);
        guard.Refused = Refuse;
        server.QueuedApplicationMessageOverwrittenAsync += CountDropped;
        server.ValidatingConnectionAsync += guard.ValidateConnection;
        server.InterceptingPublishAsync += guard.Intercept;
        server.ClientDisconnectedAsync += guard.Disconnected;
        queues.Watch(server);
        await server.StartAsync();
        Port = listener.Port;
    }

    private void Refuse(string? client, string why)
    {
        var count = Interlocked.Increment(ref refused);
        lock (gate)
        {
            if (logs.TryTake()) logger.BrokerRefused(Printable.Shorten(client), why, count);
        }
    }

    private Task CountDropped(QueueMessageOverwrittenEventArgs message)
    {
        // Logged at 1, 1000, 2000, ...: a stuck subscriber must not fill the log.
        var count = Interlocked.Increment(ref dropped);
        if (count % 1000 == 1) logger.QueueOverflow(message.ReceiverClientId, options.BrokerQueueLimit, count);
        return Task.CompletedTask;
    }

    private string Explain(SocketException e, int port) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"Port {port} at {options.Listen} is in use by another program, so the embedded MQTT broker cannot start. "
            + $"Stop that program ('ss -ltnp sport = :{port}' names it), set Mqtt:Port to a free port, or set Mqtt:Broker to mqtt://{options.Listen}:{port} if it is the broker to use.",
        SocketError.AccessDenied => $"Port {port} at {options.Listen} may not be opened by this user; set Mqtt:Port to one above 1023.",
        SocketError.AddressNotAvailable => $"Mqtt:Listen is {options.Listen}, which is no address of this machine; 'ip address' lists those it has.",
        _ => $"The embedded MQTT broker cannot listen at {options.Listen}:{port}: {e.Message}. Check Mqtt:Listen and Mqtt:Port.",
    };
}

/// <summary>The broker cannot be set up; start-up fails. The message says why and what to do.</summary>
internal sealed class BrokerException(string message, Exception inner) : Exception(message, inner);
