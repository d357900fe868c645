namespace Appliance.Messaging;

/// <summary>Where the broker is: in this process, or at a host and port.</summary>
internal sealed record BrokerAddress(bool IsEmbedded, string Host, int Port)
{
    public const int DefaultPort = 1883;

    /// <summary>Reads <c>embedded</c> or <c>mqtt://host[:port]</c>; false for anything else, with what is wrong.</summary>
    public static bool TryParse(string? text, out BrokerAddress address, out string error)
    {
        address = new(true, "127.0.0.1", DefaultPort);
        error = "";
        if (string.Equals(text, "embedded", StringComparison.OrdinalIgnoreCase)) return true;
        error = "it takes 'embedded' or 'mqtt://host:port'";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0) return false;
        if (uri.Scheme == "mqtts") error = "TLS is not supported yet; it takes 'embedded' or 'mqtt://host:port'";
        if (uri.Scheme != "mqtt") return false;
        if (uri.UserInfo.Length > 0) error = "user and password go into User and PasswordFile, not into the address";
        else if (uri.AbsolutePath.Length > 1 || uri.Query.Length > 0) error = "an address has no path or query";
        else if (uri.Port == 0) error = "the port is 0; it takes 1 to 65535";
        else
        {
            address = new(false, uri.Host, uri.IsDefaultPort || uri.Port < 0 ? DefaultPort : uri.Port);
            return true;
        }

        return false;
    }

    public override string ToString() => $"{Host}:{Port}";
}
