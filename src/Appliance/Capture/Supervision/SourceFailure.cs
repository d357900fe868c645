namespace Appliance.Capture.Supervision;

/// <summary>Why a source does not deliver.</summary>
/// <param name="Reason">One of <see cref="Inference.Decisions.Reasons"/>: camera, frozen, black or wrong-size.</param>
/// <param name="Detail">What happened, for people.</param>
/// <param name="Bug">A fault of this program and not of the source: it ends the process.</param>
internal sealed record SourceFailure(string Reason, string Detail, Exception? Bug = null);
