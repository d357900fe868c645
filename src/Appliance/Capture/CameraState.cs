using System.Text.Json.Serialization;

namespace Appliance.Capture;

/// <summary>What a camera is doing.</summary>
internal enum CameraPhase
{
    /// <summary>The source is being opened for the first time; triggers wait.</summary>
    Opening,

    Running,

    /// <summary>The source failed, see <see cref="CameraState.LastError"/>, and is opened again, now or after a while. From here to Stopped triggers are answered FAULT at once.</summary>
    Reopening,

    /// <summary>The source has no more pictures (a folder that is read once, a video).</summary>
    Ended,

    /// <summary>The camera's safe state: its restart budget is used up. It is tried again now and then.</summary>
    Failed,

    /// <summary>Stopped from outside.</summary>
    Stopped,
}

/// <summary>Counters of one camera; a copy, so it may be read anywhere.</summary>
/// <param name="Url">Source without credentials.</param>
/// <param name="Grabbed">Pictures taken for an inspection, broken ones included.</param>
/// <param name="Skipped">Pictures of a live camera that nobody asked for.</param>
/// <param name="Repeated">Pictures of a live camera that were the one before, bit for bit.</param>
/// <param name="Dropped">Pictures of free run that judgement was too slow for.</param>
/// <param name="Faults">Triggers that got no picture.</param>
/// <param name="PendingTriggers">Triggers that wait for a picture.</param>
/// <param name="Restarts">How often the source was opened again.</param>
/// <param name="Hanging">Calls into its driver that were given up and have not come back.</param>
/// <param name="LastError">Why it last did not deliver; stays when it delivers again.</param>
internal sealed record CameraState(
    string Name, string Url, CameraPhase Phase, long Grabbed, long Skipped, long Repeated, long Dropped, long Faults, int PendingTriggers,
    long Restarts, int Hanging, string? LastError)
{
    /// <summary>It should deliver and does not.</summary>
    [JsonIgnore]
    public bool InTrouble => Phase is CameraPhase.Reopening or CameraPhase.Failed;
}
