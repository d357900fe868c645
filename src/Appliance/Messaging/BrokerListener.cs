using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Implementations;
using MQTTnet.Server;

namespace Appliance.Messaging;

/// <summary>Takes connections for the embedded broker: so many at most, and no packet above the limit.</summary>
/// <param name="limit">Open connections; one more is closed at once.</param>
/// <param name="tooLarge">Told where a packet came from, and its length.</param>
internal sealed class BrokerListener(IPAddress address, int port, int limit, Action<EndPoint?, long> tooLarge) : IMqttServerAdapter
{
    /// <summary>Of a packet: the largest payload that is taken, and what stands around it.</summary>
    private const int PacketLimitBytes = BrokerGuard.PayloadLimitBytes + (64 << 10);
    // DISCONNECT, two more bytes: 0x95 packet too large, no properties.
    private static readonly TimeSpan AcceptAgain = TimeSpan.FromMilliseconds(50);
    private static readonly byte[] Goodbye = [0xE0, 0x02, 0x95, 0x00];
    private readonly TcpListener listener = new(address, port);
    private readonly ConcurrentDictionary<Socket, Task> open = new();
    private Task accepting = Task.CompletedTask;

    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    /// <summary>The one that it listens at; known after the start.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public Task StartAsync(MqttServerOptions options, IMqttNetLogger logger)
    {
        listener.Start();
        accepting = AcceptAsync(options, logger);
        return Task.CompletedTask;
    }

    public async Task StopAsync()
    {
        listener.Dispose();
        await accepting;
        foreach (var socket in open.Keys) socket.Dispose();
        await Task.WhenAll(open.Values);
    }

    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync(MqttServerOptions options, IMqttNetLogger logger)
    {
        while (true)
        {
            try
            {
                var socket = await listener.AcceptSocketAsync();
                if (open.Count >= limit)
                {
                    socket.Dispose();
                    continue;
                }

                // Entered before it can leave.
                var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                open[socket] = ServeAsync(entered.Task, socket, options, logger);
                entered.SetResult();
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.NotSocket })
            {
                return;
            }
            catch (SocketException)
            {
                // One that was gone before it was taken; or no handle is left, which must not take a processor as well.
                await Task.Delay(AcceptAgain);
            }
        }
    }

    private async Task ServeAsync(Task entered, Socket socket, MqttServerOptions options, IMqttNetLogger logger)
    {
        await entered;
        try
        {
            socket.NoDelay = true;
            var remote = socket.RemoteEndPoint;
            var formatter = new MqttPacketFormatterAdapter(new MqttBufferWriter(options.WriterBufferSize, options.WriterBufferSizeMax));
            var channel = new GuardedChannel(new MqttTcpChannel(new NetworkStream(socket), socket.LocalEndPoint, remote, null), PacketLimitBytes, length =>
            {
                tooLarge(remote, length);
                return formatter.ProtocolVersion == MqttProtocolVersion.V500 ? Goodbye : [];
            });
            using var adapter = new MqttChannelAdapter(channel, formatter, logger);
            if (ClientHandler is { } handler) await handler(adapter);
        }
        catch (Exception e) when (BrokerLostException.IsCommunication(e))
        {
            // Its client is gone.
        }
        finally
        {
            socket.Dispose();
            open.TryRemove(socket, out _);
        }
    }
}
