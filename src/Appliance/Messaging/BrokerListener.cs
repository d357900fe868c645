using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Implementations;
using MQTTnet.Server;

namespace Appliance.Messaging;

/// <summary>
/// Takes connections for the embedded broker, and no packet above the limit. Those that have not said CONNECT yet are counted apart from clients:
/// they have a few seconds, and the oldest goes where there are too many, so that none takes a client's place.
/// </summary>
/// <param name="refused">Told where a connection came from, and why it was ended.</param>
internal sealed class BrokerListener(IPAddress address, int port, TimeProvider time, Action<EndPoint?, string> refused) : IMqttServerAdapter
{
    /// <summary>From the connection until CONNECT is whole.</summary>
    public static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);

    /// <summary>Connections that have not said CONNECT.</summary>
    public const int WaitingLimit = 64;

    /// <summary>Of a packet: the largest payload that is taken, and what stands around it.</summary>
    private const int PacketLimitBytes = BrokerGuard.PayloadLimitBytes + (64 << 10);
    private static readonly TimeSpan AcceptAgain = TimeSpan.FromMilliseconds(50);
    // DISCONNECT, two more bytes: 0x95 packet too large, no properties.
    private static readonly byte[] Goodbye = [0xE0, 0x02, 0x95, 0x00];
    private readonly TcpListener listener = new(address, port);
    private readonly ConcurrentDictionary<Socket, Task> open = new();
    private readonly LinkedList<Socket> waiting = new();
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
                MakeRoom(socket);
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
        var remote = RemoteOf(socket);
        using var limit = time.CreateTimer(_ => EndWaiting(socket, $"it sent no CONNECT within {ConnectTime.TotalSeconds:0} s"), null, ConnectTime, Timeout.InfiniteTimeSpan);
        try
        {
            socket.NoDelay = true;
            var formatter = new MqttPacketFormatterAdapter(new MqttBufferWriter(options.WriterBufferSize, options.WriterBufferSizeMax));
            var tcp = new MqttTcpChannel(new NetworkStream(socket), socket.LocalEndPoint, remote, null);
            var channel = new GuardedChannel(tcp, PacketLimitBytes, () => StopWaiting(socket), length =>
            {
                refused(remote, $"it sent a packet of {length} bytes");
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
            StopWaiting(socket);
            socket.Dispose();
            open.TryRemove(socket, out _);
        }
    }

    private void MakeRoom(Socket next)
    {
        Socket? oldest;
        lock (waiting)
        {
            oldest = waiting.Count >= WaitingLimit ? waiting.First!.Value : null;
            waiting.AddLast(next);
        }

        if (oldest is not null) EndWaiting(oldest, $"it had sent no CONNECT, and {WaitingLimit} newer connections were waiting");
    }

    private void EndWaiting(Socket socket, string why)
    {
        if (!StopWaiting(socket)) return;
        refused(RemoteOf(socket), why);
        socket.Dispose();
    }

    /// <summary>It does not wait any more; false where it did not before.</summary>
    private bool StopWaiting(Socket socket)
    {
        lock (waiting) return waiting.Remove(socket);
    }

    private static EndPoint? RemoteOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
