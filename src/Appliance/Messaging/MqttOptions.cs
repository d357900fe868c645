using System.Globalization;
using System.Net;
using Appliance.Settings;

namespace Appliance.Messaging;

/// <summary>How verdicts leave the station.</summary>
internal sealed class MqttOptions
{
    /// <summary><c>embedded</c> runs a broker in this process; <c>mqtt://host:port</c> uses one elsewhere.</summary>
    public string Broker { get; set; } = "embedded";

    /// <summary>User at an external broker; absent connects without.</summary>
    public string? User { get; set; }

    /// <summary>File whose first line is the password of <see cref="User"/>; absent takes systemd's credential <c>mqtt-password</c> where there is one.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>Address that the embedded broker listens at.</summary>
    public string Listen { get; set; } = "127.0.0.1";

    /// <summary>Port of the embedded broker, 1..65535; 0 takes any free one.</summary>
    public int Port { get; set; } = BrokerAddress.DefaultPort;

    /// <summary>MQTT client id, 1 to 64 letters, digits, <c>-</c> or <c>_</c>; absent is <c>appliance-{station}</c>. Two clients with one id throw each other out.</summary>
    public string? ClientId { get; set; }

    /// <summary>Longest silence before the client pings the broker, 1 s to 10 min.</summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the broker may take to connect or to acknowledge a message, 0.1 s to 5 min. Then the connection is made anew.</summary>
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Verdicts sent and not yet acknowledged, 1..1000; a broker's own limit (Receive Maximum) lowers it.</summary>
    public int Window { get; set; } = 100;

    /// <summary>After a new connection, verdicts acknowledged within this time are sent again, 0 s to 1 h: an acknowledgement does not say that the broker's disk has it.</summary>
    public TimeSpan ResendSpan { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Most verdicts that are sent again, 0..1000000.</summary>
    public int ResendLimit { get; set; } = 20_000;

    /// <summary>
    /// Verdicts that wait for the broker, 100..1000000000; beyond it the oldest are given up, with a record that names them. They wait in the journal
    /// and take nothing else. The default is a weekend at 30 a second: 4 GB, sent in half an hour.
    /// </summary>
    [Reloadable]
    public int OutboxLimit { get; set; } = 5_000_000;

    /// <summary>Time between two status messages without news, 1 s to 10 min.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between two probes that the station sends itself through the broker, 1 s to 10 min. One that does not come back within <see cref="PublishTimeout"/> ends the connection.</summary>
    public TimeSpan LoopPeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long stopping waits for acknowledgements of the last verdicts, 0 s to 1 min. What is left is sent at the next start.</summary>
    [Reloadable]
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Messages that the embedded broker keeps for one slow or absent subscriber, 100..10000000; beyond it the oldest goes, counted and logged.</summary>
    public int BrokerQueueLimit { get; set; } = 100_000;

    /// <summary>What the embedded broker keeps for all its subscribers together, in MiB, 1..65536; beyond it the session that holds most ends.</summary>
    public int BrokerQueueMegabytes { get; set; } = 256;

    /// <summary>How long the embedded broker keeps the session of a subscriber that is away, 1 min to 30 days.</summary>
    public TimeSpan BrokerSessionTime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Clients of the embedded broker at once, without the station itself, 1..10000.</summary>
    public int BrokerClientLimit { get; set; } = 100;

    /// <summary>Valid after <see cref="Validate"/> found no error.</summary>
    public BrokerAddress Address => BrokerAddress.TryParse(Broker, out var address, out var error) ? address : throw new InvalidOperationException($"Mqtt:Broker: {error}.");

    /// <summary>Whose rights count at an external broker, for people.</summary>
    public string Who => User is null ? "clients without a user" : $"user '{User}'";

    public string ClientIdOf(string station) => ClientId ?? $"appliance-{station}";

    /// <summary>Every error, each naming its key under <paramref name="key"/>, the value and what it takes.</summary>
    public IEnumerable<string> Validate(string key)
    {
        if (!BrokerAddress.TryParse(Broker, out _, out var error)) yield return $"{key}:Broker is '{Printable.Shorten(Secrets.Mask(Broker))}'; {error}.";
        if (!IPAddress.TryParse(Listen, out _)) yield return $"{key}:Listen is '{Printable.Shorten(Listen)}'; it takes an IP address, for example 127.0.0.1.";
        if (ClientId is not null && !TopicNames.IsSafe(ClientId)) yield return $"{key}:ClientId is '{Printable.Shorten(ClientId)}'; it takes {TopicNames.Rule}.";
        if (PasswordFile is not null && User is null) yield return $"{key}:PasswordFile is given without {key}:User; give both or neither.";
        if (PasswordFile is not null && !File.Exists(PasswordFile)) yield return $"{key}:PasswordFile is '{Printable.Shorten(PasswordFile)}', which is not there; make the file, or remove the key.";
        foreach (var wrong in Numbers(key).Concat(Times(key))) yield return wrong;
    }

    private IEnumerable<string> Numbers(string key)
    {
        if (Port is < 0 or > 65535) yield return Range(key, nameof(Port), Port, "0 (any free port) to 65535");
        if (Window is < 1 or > 1000) yield return Range(key, nameof(Window), Window, "1 to 1000");
        if (ResendLimit is < 0 or > 1_000_000) yield return Range(key, nameof(ResendLimit), ResendLimit, "0 to 1000000");
        if (OutboxLimit is < 100 or > 1_000_000_000) yield return Range(key, nameof(OutboxLimit), OutboxLimit, "100 to 1000000000");
        if (BrokerQueueMegabytes is < 1 or > 65536) yield return Range(key, nameof(BrokerQueueMegabytes), BrokerQueueMegabytes, "1 to 65536");
        if (BrokerClientLimit is < 1 or > 10_000) yield return Range(key, nameof(BrokerClientLimit), BrokerClientLimit, "1 to 10000");
        if (BrokerQueueLimit is < 100 or > 10_000_000) yield return Range(key, nameof(BrokerQueueLimit), BrokerQueueLimit, "100 to 10000000");
    }

    private IEnumerable<string> Times(string key)
    {
        if (Outside(KeepAlive, 1, 600)) yield return Range(key, nameof(KeepAlive), KeepAlive, "00:00:01 to 00:10:00");
        if (Outside(PublishTimeout, 0.1, 300)) yield return Range(key, nameof(PublishTimeout), PublishTimeout, "00:00:00.1 to 00:05:00");
        if (Outside(ResendSpan, 0, 3600)) yield return Range(key, nameof(ResendSpan), ResendSpan, "00:00:00 to 01:00:00");
        if (Outside(Heartbeat, 1, 600)) yield return Range(key, nameof(Heartbeat), Heartbeat, "00:00:01 to 00:10:00");
        if (Outside(BrokerSessionTime, 60, 30 * 86400)) yield return Range(key, nameof(BrokerSessionTime), BrokerSessionTime, "00:01:00 to 30.00:00:00");
        if (Outside(LoopPeriod, 1, 600)) yield return Range(key, nameof(LoopPeriod), LoopPeriod, "00:00:01 to 00:10:00");
        if (Outside(DrainTime, 0, 60)) yield return Range(key, nameof(DrainTime), DrainTime, "00:00:00 to 00:01:00");
    }

    private static bool Outside(TimeSpan value, double fromSeconds, double toSeconds) => value.TotalSeconds < fromSeconds || value.TotalSeconds > toSeconds;

    private static string Range(string key, string name, object value, string range)
        => string.Create(CultureInfo.InvariantCulture, $"{key}:{name} is {value}; it takes {range}.");
}
