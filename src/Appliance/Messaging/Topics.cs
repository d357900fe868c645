namespace Appliance.Messaging;

/// <summary>The topics of one station, see docs/contract-mqtt.md.</summary>
internal sealed class Topics(string station)
{
    public string Station { get; } = station;

    public string Status { get; } = $"inspection/{station}/status";

    public string Epoch { get; } = $"inspection/{station}/epoch";

    public string Models { get; } = $"inspection/{station}/models";

    public string Trigger { get; } = $"inspection/{station}/trigger";

    public string Command { get; } = $"inspection/{station}/command";

    public string Errors { get; } = $"inspection/{station}/errors";

    public string Loop { get; } = $"inspection/{station}/loop";

    public string Undelivered { get; } = $"inspection/{station}/undelivered";

    public string Verdicts(string camera) => $"inspection/{Station}/verdicts/{camera}";

    /// <summary>True for a topic that is the station's to write, and nobody else's.</summary>
    public bool IsFromStation(string? topic) => topic is not null && topic != Trigger && topic != Command && topic.StartsWith($"inspection/{Station}/", StringComparison.Ordinal);
}
