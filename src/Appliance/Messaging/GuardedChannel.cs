using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Channel;
using MQTTnet.Exceptions;

namespace Appliance.Messaging;

/// <summary>
/// Follows the lengths of the packets that a client of the embedded broker sends, and ends the connection over one that is too large. MQTTnet
/// reserves memory for what a header announces, up to 256 MB, before the first byte of it has come.
/// </summary>
/// <param name="announced">Called once, when the first packet is whole.</param>
/// <param name="refused">Told the length; returns the packet that says goodbye, empty where the client does not understand one.</param>
internal sealed class GuardedChannel(IMqttChannel inner, int limitBytes, Action announced, Func<long, byte[]> refused) : IMqttChannel
{
    private const int PatienceBytes = 16 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private long bodyLeft;
    private long length;
    private int lengthBytes = -1;
    private bool isWhole;
    private bool hasAnnounced;

    public X509Certificate2? ClientCertificate => inner.ClientCertificate;

    public EndPoint RemoteEndPoint => inner.RemoteEndPoint;

    public EndPoint LocalEndPoint => inner.LocalEndPoint;

    public bool IsSecureConnection => inner.IsSecureConnection;

    public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

    public Task DisconnectAsync(CancellationToken cancellationToken) => inner.DisconnectAsync(cancellationToken);

    public async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        var read = await inner.ReadAsync(buffer, offset, count, cancellationToken);
        var fits = Follow(buffer.AsSpan(offset, read));
        if (isWhole && !hasAnnounced)
        {
            hasAnnounced = true;
            announced();
        }

        if (fits) return read;
        if (refused(length) is { Length: > 0 } goodbye) await SayAsync(goodbye, cancellationToken);
        throw new MqttCommunicationException($"A packet of {length} bytes is too large.");
    }

    public Task WriteAsync(ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken) => inner.WriteAsync(buffer, isEndOfPacket, cancellationToken);

    public void Dispose() => inner.Dispose();

    /// <summary>Reads on for a while: a socket that is closed over unread bytes is reset, and takes the goodbye with it.</summary>
    private async Task SayAsync(byte[] goodbye, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            await inner.WriteAsync(new ReadOnlySequence<byte>(goodbye), true, limit.Token);
            var rest = new byte[4096];
            for (var taken = 0; taken < PatienceBytes && await inner.ReadAsync(rest, 0, rest.Length, limit.Token) is var read and > 0;) taken += read;
        }
        catch (Exception e) when (BrokerLostException.IsCommunication(e))
        {
            // It did not wait for it.
        }
    }

    /// <summary>False once a packet is too large. A packet is one byte, its length in one to four bytes of seven bits, and so many bytes.</summary>
    private bool Follow(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (bodyLeft > 0)
            {
                var part = (int)Math.Min(bodyLeft, bytes.Length);
                bodyLeft -= part;
                isWhole |= bodyLeft == 0;
                bytes = bytes[part..];
                continue;
            }

            if (lengthBytes < 0) (length, lengthBytes) = (0, 0);
            else if (!TakeLength(bytes[0])) return false;
            bytes = bytes[1..];
        }

        return true;
    }

    private bool TakeLength(byte value)
    {
        length |= (long)(value & 0x7F) << (7 * lengthBytes++);
        if (length > limitBytes) return false;
        if ((value & 0x80) != 0) return lengthBytes < 4;
        (bodyLeft, lengthBytes) = (length, -1);
        isWhole |= length == 0;
        return true;
    }
}
