using System.Text.Json.Serialization;
using Inference.Decisions;

namespace Appliance.Inspection;

/// <summary>
/// One verdict: the journal's record and, byte for byte, the MQTT message. Epoch and sequence are given by the journal at commit.
/// </summary>
internal sealed record VerdictMessage
{
    public int Schema { get; init; } = 1;

    public required string Station { get; init; }

    public uint Epoch { get; init; }

    public ulong Sequence { get; init; }

    public required string Camera { get; init; }

    public string? Part { get; init; }

    public required string Recipe { get; init; }

    /// <summary>Id of the trigger that asked for it; null in free run.</summary>
    public string? Trigger { get; init; }

    /// <summary>File name for a folder source.</summary>
    public string? Source { get; init; }

    public required DateTimeOffset GrabbedAt { get; init; }

    public required StageLatency LatencyMs { get; init; }

    public required Verdict Verdict { get; init; }

    public string? Class { get; init; }

    public float Probability { get; init; }

    public float Distance { get; init; }

    /// <summary>One of <see cref="Reasons"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>More words on a FAULT, for people.</summary>
    public string? Detail { get; init; }

    public string? Model { get; init; }

    public string? Policy { get; init; }

    /// <summary>What nobody could judge: the answer to a trigger, or word of a camera that went blind.</summary>
    /// <param name="at">Wall clock when that was known.</param>
    /// <param name="totalMs">From then to the commit.</param>
    public static VerdictMessage Fault(
        string station, string camera, string? part, string recipe, string? trigger, DateTimeOffset at, double totalMs, string reason, string detail) => new()
    {
        Station = station,
        Camera = camera,
        Part = part,
        Recipe = recipe,
        Trigger = trigger,
        GrabbedAt = at,
        LatencyMs = new(0, 0, 0, 0, totalMs),
        Verdict = Verdict.Fault,
        Reason = reason,
        Detail = detail,
    };
}

/// <summary>Milliseconds from the grab on, by stage; <see cref="Total"/> runs from the grab to the commit.</summary>
internal sealed record StageLatency(double Queue, double Prepare, double Backbone, double Head, double Total);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VerdictMessage))]
internal sealed partial class VerdictJson : JsonSerializerContext;
