using System.Net;
using System.Net.Sockets;

namespace Appliance.Diagnosis;

/// <summary>Whether an address can be listened at.</summary>
internal static class PortCheck
{
    public static Finding Look(string about, string url) => new Uri(url) is var at && Try(IPAddress.Parse(at.Host), at.Port) is { } problem
        ? Finding.Failed(about, $"{url}: {problem}", "Stop the program that listens there ('ss -ltnp' names it), or set another address.")
        : Finding.Ok(about, $"{url} is free for the service");

    /// <summary>Why not; null where it can.</summary>
    public static string? Try(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return null;
        }
        catch (SocketException e)
        {
            return e.Message;
        }
    }
}
