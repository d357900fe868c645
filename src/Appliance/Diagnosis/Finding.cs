using System.Text.Json.Serialization;

namespace Appliance.Diagnosis;

/// <summary>How one thing is.</summary>
internal enum Outcome
{
    Ok,

    /// <summary>It works, or may work, and should be looked at.</summary>
    Warning,

    Failed,
}

/// <summary>One thing that a station needs.</summary>
/// <param name="About">Which, in a word or two.</param>
/// <param name="Seen">What was seen.</param>
/// <param name="Advice">What to do; null where nothing is to be done.</param>
internal sealed record Finding(string About, Outcome Outcome, string Seen, string? Advice = null)
{
    public static Finding Ok(string about, string seen) => new(about, Outcome.Ok, seen);

    public static Finding Warning(string about, string seen, string advice) => new(about, Outcome.Warning, seen, advice);

    public static Finding Failed(string about, string seen, string advice) => new(about, Outcome.Failed, seen, advice);
}

/// <param name="Sound">Nothing has failed.</param>
internal sealed record Examination(bool Sound, IReadOnlyList<Finding> Findings);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Examination))]
internal sealed partial class DiagnosisJson : JsonSerializerContext;
