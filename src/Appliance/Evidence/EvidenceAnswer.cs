using Inference.Evidence;

namespace Appliance.Evidence;

/// <summary>The evidence of a sample, or why there is none. Exactly one is set.</summary>
/// <param name="IsStored">False where it was computed for this answer.</param>
internal readonly record struct EvidenceAnswer(EvidenceMap? Map, bool IsStored, string? Problem)
{
    public static EvidenceAnswer None(string problem) => new(null, false, problem);
}
