using System.Text.Json.Serialization;

namespace Inference.Decisions;

/// <summary>When a head's answer is a verdict. A file of its own beside the head, so that it changes without a new model.</summary>
public sealed record DecisionPolicy
{
    [JsonRequired]
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Least probability (0..1) at which a class is decided, for every class of the model.</summary>
    public required IReadOnlyDictionary<string, double> Thresholds { get; init; }

    /// <summary>The most probable class must lead the next by this much probability (0..1), else UNSURE.</summary>
    [JsonRequired]
    public double UnsureBand { get; init; } = 0.1;

    /// <summary>Beyond this distance the part is unlike anything seen, and UNSURE whatever the class says.</summary>
    public required double UnseenLimit { get; init; }
}
