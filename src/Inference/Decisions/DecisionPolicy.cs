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

    /// <summary>What the thresholds were chosen for; a new head's are chosen for the same. Null when a person or the trainer set them.</summary>
    public PolicyObjective? Objective { get; init; }
}

/// <summary>What thresholds are chosen for: a limit to escapes, or least cost. Exactly one of the two is given.</summary>
/// <param name="MaxEscape">Most bad parts of all bad ones (0..1) that may be passed as good.</param>
/// <param name="Costs">What wrong verdicts and reviews cost.</param>
/// <param name="Confidence">Of every interval that is stated, 0.5..0.999.</param>
public sealed record PolicyObjective(double? MaxEscape = null, VerdictCosts? Costs = null, double Confidence = 0.95);

/// <summary>What the line pays, in one currency.</summary>
/// <param name="Escape">For a bad part that is passed as good.</param>
/// <param name="Reject">For a good part that is called bad.</param>
/// <param name="Review">For a part that a person looks at.</param>
/// <param name="ReviewsPerHour">How many parts people can look at.</param>
/// <param name="PartsPerHour">How many parts come.</param>
/// <param name="BadShare">How many of all parts are bad, 0..1.</param>
public sealed record VerdictCosts(double Escape, double Reject, double Review, double ReviewsPerHour, double PartsPerHour, double BadShare);
