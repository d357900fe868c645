using System.Text.Json.Serialization;

namespace Appliance.Recovery;

/// <summary>What comes of something that was found.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Remedy>))]
internal enum Remedy
{
    /// <summary>A repair puts it right; nothing is lost.</summary>
    Restored,

    /// <summary>It is lost; a repair names what, and lets the station go on without it.</summary>
    Lost,

    /// <summary>Lost, and named by an earlier repair: nothing is left to do.</summary>
    Named,

    /// <summary>Nothing that a repair may touch; the message says what to do.</summary>
    None,
}

/// <summary>One thing that is wrong with a state directory.</summary>
/// <param name="Area">journal, picture, embedding, evidence, model, backbone or index.</param>
/// <param name="Path">File or directory.</param>
/// <param name="Offset">Byte in the file; null where it is about all of it.</param>
/// <param name="Means">What is lost by it, or done about it.</param>
internal sealed record Finding(string Area, string Path, long? Offset, string Problem, string Means, Remedy Remedy);

/// <summary>What an examination found.</summary>
/// <param name="Repaired">Whether it also put right what it found.</param>
/// <param name="Unfinished">Files that were being written when a process was killed; a repair has deleted them.</param>
internal sealed record StateReport(
    string Station, bool Repaired, long Facts, long Verdicts, int Samples, int Models, int Unfinished, bool IndexChecked, IReadOnlyList<Finding> Findings)
{
    /// <summary>Whether there is something that is neither put right nor named.</summary>
    public bool IsSound => Findings.All(f => f.Remedy == Remedy.Named || (Repaired && f.Remedy != Remedy.None));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StateReport))]
internal sealed partial class RecoveryJson : JsonSerializerContext;
