using System.Text.Json.Serialization;

namespace Inference.Decisions;

/// <summary>What the line is told about one part. Written as <c>OK</c>, <c>NG</c>, <c>UNSURE</c>, <c>FAULT</c> everywhere outside the code.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
public enum Verdict
{
    /// <summary>Camera, model or time failed: nobody has judged this part.</summary>
    [JsonStringEnumMemberName("FAULT")]
    Fault,

    /// <summary>A person must look.</summary>
    [JsonStringEnumMemberName("UNSURE")]
    Unsure,

    /// <summary>Bad, with its class.</summary>
    [JsonStringEnumMemberName("NG")]
    Ng,

    /// <summary>Good.</summary>
    [JsonStringEnumMemberName("OK")]
    Ok,
}

/// <summary>The decision over one embedding, and why.</summary>
/// <param name="Verdict">What the line is told.</param>
/// <param name="Class">The most probable class, also when the verdict is UNSURE; null when no head judged.</param>
/// <param name="Probability">Calibrated probability of that class, 0..1; 0 when no head judged.</param>
/// <param name="Distance">Distance to what the head was trained on, in units where 1 is the training median; 0 when no head judged.</param>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
public readonly record struct Decision(Verdict Verdict, string? Class, float Probability, float Distance, string Reason);

/// <summary>The reasons a verdict can have; part of the contract with the line.</summary>
public static class Reasons
{
    public const string Confident = "confident";
    public const string BelowThreshold = "below-threshold";
    public const string TooClose = "too-close";
    public const string Unseen = "unlike-anything-seen";
    public const string NoModel = "no-model";
    public const string ModelFailed = "model-failed";
    public const string NotANumber = "not-a-number";
    public const string WrongSize = "wrong-size";
    public const string BadPicture = "bad-picture";
    public const string Camera = "camera";
    public const string Frozen = "frozen";
    public const string Black = "black";
    public const string Interrupted = "interrupted";
    public const string Disk = "disk";
    public const string Deadline = "deadline";
}
