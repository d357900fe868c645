namespace Appliance.Messaging;

/// <summary>What a station says of itself, taken when a status message is written; must be cheap, is called from a pool thread.</summary>
/// <param name="State">One word: <c>running</c>, <c>paused</c>, <c>degraded</c> (a camera does not deliver) or <c>safe</c> (nothing can be judged or recorded).</param>
/// <param name="Recipe">The product being made; a trigger that names none gets it.</param>
/// <param name="Model">Id of the live model; null while there is none.</param>
/// <param name="Policy">Id of the live policy.</param>
/// <param name="Detail">What is wrong with the disk, for people; null when nothing is.</param>
/// <param name="Shadow">The candidate in its shadow period; null for none.</param>
internal sealed record StationSnapshot(string State, string Recipe, string? Model, string? Policy, IReadOnlyList<CameraSnapshot> Cameras, string? Detail = null, ShadowSnapshot? Shadow = null);

/// <summary>A candidate that judges beside the live model, without a say.</summary>
/// <param name="Judged">Inspections that both have judged.</param>
/// <param name="Agreed">Alike.</param>
/// <param name="Contradicted">One said OK, the other NG.</param>
internal sealed record ShadowSnapshot(string Model, long Judged, long Agreed, long Contradicted);

/// <summary>One camera in a status message.</summary>
/// <param name="State">One word, the camera's phase in lower case.</param>
/// <param name="Restarts">How often its source was opened again since the start.</param>
/// <param name="Detail">What is wrong, for people; null when nothing is.</param>
internal sealed record CameraSnapshot(string Name, string State, long Restarts = 0, string? Detail = null);
