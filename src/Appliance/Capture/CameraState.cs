namespace Appliance.Capture;

/// <summary>What a camera is doing.</summary>
internal enum CameraPhase
{
    /// <summary>The source is being opened.</summary>
    Opening,

    Running,

    /// <summary>The source has no more pictures (a folder that is read once, a video).</summary>
    Ended,

    /// <summary>The source failed, see <see cref="CameraState.LastError"/>.</summary>
    Failed,

    /// <summary>Stopped from outside.</summary>
    Stopped,
}

/// <summary>Counters of one camera; a copy, so it may be read anywhere.</summary>
/// <param name="Url">Source without credentials.</param>
/// <param name="Grabbed">Pictures taken for an inspection, broken ones included.</param>
/// <param name="Skipped">Pictures of a live camera that nobody asked for.</param>
/// <param name="Dropped">Pictures of free run that judgement was too slow for.</param>
/// <param name="Faults">Triggers that got no picture.</param>
/// <param name="PendingTriggers">Triggers that wait for a picture.</param>
internal sealed record CameraState(
    string Name, string Url, CameraPhase Phase, long Grabbed, long Skipped, long Dropped, long Faults, int PendingTriggers, string? LastError);
