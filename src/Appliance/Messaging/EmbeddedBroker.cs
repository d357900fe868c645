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
internal sealed class EmbeddedBroker(MqttOptions options, Topics topics, ILogger<EmbeddedBroker> logger) : IHostedService, IDisposable
{
    private const int FreePortAttempts = 10;
    private readonly BrokerGuard guard = new(options.ClientIdOf(topics.Station), topics);
    private MqttServer? server;
    private long dropped;

    /// <summary>The port that it listens at; 0 before the start.</summary>
    public int Port { get; private set; }

    public string Host => options.Listen is "0.0.0.0" or "::" ? "127.0.0.1" : options.Listen;

    /// <summary>With it the station's own client connects.</summary>
    public string Password => guard.Password;

    /// <summary>Messages dropped because a subscriber's queue was full.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    /// <exception cref="BrokerException">The port is in use, or the address cannot be bound.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var address = IPAddress.Parse(options.Listen);
        for (var attempt = 1; ; attempt++)
        {
            var port = options.Port == 0 ? FreePort(address) : options.Port;
            try
            {
                server = await ListenAsync(address, port);
                Port = port;
                logger.BrokerListens(options.Listen, port);
                return;
            }
            catch (SocketException) when (options.Port == 0 && attempt < FreePortAttempts)
            {
                // Another process was quicker with the free port.
            }
            catch (SocketException e)
            {
                throw new BrokerException(Explain(e, port), e);
            }
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (server is { IsStarted: true } running) await running.StopAsync(new MqttServerStopOptions());
    }

    public void Dispose() => server?.Dispose();

    private async Task<MqttServer> ListenAsync(IPAddress address, int port)
    {
        var built = new MqttServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointPort(port)
            .WithDefaultEndpointBoundIPAddress(address.AddressFamily == AddressFamily.InterNetwork ? address : IPAddress.None)
            .WithDefaultEndpointBoundIPV6Address(address.AddressFamily == AddressFamily.InterNetworkV6 ? address : IPAddress.None)
            .WithPersistentSessions()
            .WithMaxPendingMessagesPerClient(options.BrokerQueueLimit)
            .WithPendingMessagesOverflowStrategy(MqttPendingMessagesOverflowStrategy.DropOldestQueuedMessage)
            .Build();
        var candidate = new MqttServerFactory().CreateMqttServer(built);
        candidate.QueuedApplicationMessageOverwrittenAsync += CountDropped;
        candidate.ValidatingConnectionAsync += guard.ValidateConnection;
        candidate.InterceptingPublishAsync += guard.Intercept;
        try
        {
            await candidate.StartAsync();
            return candidate;
        }
        catch
        {
            candidate.Dispose();
            throw;
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

    private static int FreePort(IPAddress address)
    {
        using var probe = new TcpListener(address, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

/// <summary>The broker cannot be set up; start-up fails. The message says why and what to do.</summary>
internal sealed class BrokerException(string message, Exception inner) : Exception(message, inner);
