using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Appliance.Tests.Messaging;

/// <summary>A way to the broker that can be cut, with an end that both sides notice, or go silent, which neither does.</summary>
internal sealed class CuttableCable : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<(Socket Near, Socket Far)> pairs = [];
    private readonly ConcurrentBag<Task> pumps = [];
    private readonly int target;
    private readonly Task accepting;
    private volatile TaskCompletionSource? silence;

    public CuttableCable(int target)
    {
        this.target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    public string Url => $"mqtt://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>Ends every connection; new ones pass.</summary>
    public void Cut()
    {
        while (pairs.TryTake(out var pair)) Close(pair.Near, pair.Far);
    }

    /// <summary>From now on bytes are held back, of old connections and of new ones.</summary>
    public void Silence() => silence = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Speak() => silence?.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        Speak();
        await accepting;
        Cut();
        await Task.WhenAll(pumps);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptSocketAsync();
                var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                near.NoDelay = true;
                await far.ConnectAsync(IPAddress.Loopback, target);
                // Before a byte passes: whoever sees one may cut.
                pairs.Add((near, far));
                pumps.Add(PumpAsync(near, far));
                pumps.Add(PumpAsync(far, near));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[4096];
        try
        {
            while (await from.ReceiveAsync(buffer) is var count and > 0)
            {
                if (silence is { } gate) await gate.Task;
                for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
        finally
        {
            Close(from, to);
        }
    }

    private static void Close(params ReadOnlySpan<Socket> sockets)
    {
        foreach (var socket in sockets) socket.Dispose();
    }
}
