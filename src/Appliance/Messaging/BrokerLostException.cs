using System.Net.Sockets;
using MQTTnet.Exceptions;

namespace Appliance.Messaging;

/// <summary>The broker cannot be reached, refuses or is silent: connect again later. The message is a sentence for people.</summary>
internal sealed class BrokerLostException : Exception
{
    public BrokerLostException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    public BrokerLostException(Exception cause) : base(Explain(cause), cause)
    {
    }

    /// <summary>True when it was connected but silent.</summary>
    public bool IsTimeout { get; init; }

    /// <summary>True when it said no to one message or subscription; the connection itself is well.</summary>
    public bool IsRefusal { get; init; }

    /// <summary>True when it named a right that this user does not have: to a topic, or in ending the connection over one.</summary>
    public bool IsForbidden { get; init; }

    /// <summary>True when another client has taken this one's place by using its client id.</summary>
    public bool IsTakenOver { get; init; }

    /// <summary>What the MQTT client throws when its peer is at fault; anything else is a fault of ours.</summary>
    public static bool IsCommunication(Exception e) => e is MqttCommunicationException or MqttProtocolViolationException or MqttClientNotConnectedException
        or MqttClientDisconnectedException or SocketException or IOException or TimeoutException or OperationCanceledException or ObjectDisposedException;

    public static string Explain(Exception e)
    {
        var root = e;
        while (root.InnerException is { } inner) root = inner;
        return root switch
        {
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "Nothing listens there (connection refused). Start the broker, or correct Mqtt:Broker.",
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => "No such host. Correct Mqtt:Broker, or the name server.",
            SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable } => "There is no way to that host. Check cable and network.",
            SocketException { SocketErrorCode: SocketError.ConnectionReset } => "It reset the connection.",
            OperationCanceledException or TimeoutException => "It did not answer in time.",
            _ => $"The connection ended ({Printable.Shorten(root.Message)}).",
        };
    }
}
