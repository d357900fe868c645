using System.Text.Json.Serialization;

namespace Appliance.Messaging;

/// <summary><c>inspection/{station}/status</c>, retained; the broker sends <see cref="Online"/> = false when the station is gone.</summary>
internal sealed record StatusMessage
{
    public int Schema { get; init; } = 1;
    public required string Station { get; init; }
    public required bool Online { get; init; }

    /// <summary>As in <see cref="StationSnapshot"/>; <c>stopped</c> after an orderly stop, <c>lost</c> by last will.</summary>
    public required string State { get; init; }

    /// <summary>As in <see cref="StationSnapshot"/>.</summary>
    public string? Detail { get; init; }
    public uint Epoch { get; init; }
    public ulong? LastSequence { get; init; }
    public string? Recipe { get; init; }
    public string? Model { get; init; }
    public string? Policy { get; init; }
    public IReadOnlyList<CameraSnapshot>? Cameras { get; init; }

    /// <summary>The candidate in its shadow period; absent where there is none.</summary>
    public ShadowSnapshot? Shadow { get; init; }

    /// <summary>Verdicts committed and not yet acknowledged by the broker.</summary>
    public long? Backlog { get; init; }

    /// <summary>Verdicts given up since the journal began.</summary>
    public long? Undelivered { get; init; }

    /// <summary>As in <see cref="LoopState"/>.</summary>
    public LoopState? Loop { get; init; }

    /// <summary>What the broker forbids this station; absent where nothing.</summary>
    public IReadOnlyList<RefusedTopic>? RefusedTopics { get; init; }
    public required string Version { get; init; }

    /// <summary>Absent in the last will, which was written at connect.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary><c>inspection/{station}/epoch</c>: precedes the epoch's first verdict.</summary>
internal sealed record EpochMessage(int Schema, string Station, uint Epoch, uint PreviousEpoch, ulong LastSequenceRecovered, string Version, DateTimeOffset At);

/// <summary><c>inspection/{station}/loop</c>: the station's own question whether the broker delivers.</summary>
/// <param name="Probe">Tells one from another.</param>
internal sealed record LoopMessage(int Schema, string Station, string Probe, DateTimeOffset At);

/// <summary><c>inspection/{station}/undelivered</c>: stands in the place of verdicts that will not come.</summary>
/// <param name="Why"><c>limit</c> or <c>deleted</c>.</param>
internal sealed record UndeliveredMessage(int Schema, string Station, VerdictPlace From, VerdictPlace To, long Count, string Why, DateTimeOffset At);

internal sealed record VerdictPlace(uint Epoch, ulong Sequence);

/// <summary><c>inspection/{station}/models</c>, retained.</summary>
internal sealed record ModelsMessage(int Schema, string Station, string? Model, string? Policy, DateTimeOffset At);

/// <summary><c>inspection/{station}/errors</c>: commands that were not obeyed.</summary>
/// <param name="Id">Of the trigger, where one is answered and its id could be read.</param>
/// <param name="Ids">Of the triggers, where several are answered; as many as <see cref="CommandErrors.IdLimit"/>.</param>
/// <param name="Count">How many commands this answers.</param>
/// <param name="Reason">One of <see cref="RefusalReason"/>, lower-case; of several, that of the last.</param>
internal sealed record ErrorMessage(
    int Schema, string Station, string About, string? Id, IReadOnlyList<string>? Ids, long Count, string Reason, string Message, DateTimeOffset At);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StatusMessage))]
[JsonSerializable(typeof(EpochMessage))]
[JsonSerializable(typeof(LoopMessage))]
[JsonSerializable(typeof(UndeliveredMessage))]
[JsonSerializable(typeof(ModelsMessage))]
[JsonSerializable(typeof(ErrorMessage))]
internal sealed partial class MessagingJson : JsonSerializerContext;
