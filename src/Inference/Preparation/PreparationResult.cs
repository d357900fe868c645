using Inference.Decisions;

namespace Inference.Preparation;

/// <summary>Whether a picture could be prepared.</summary>
/// <param name="Reason"><see cref="Reasons.BadPicture"/> or <see cref="Reasons.WrongSize"/>; null when the buffer holds the prepared picture.</param>
/// <param name="Detail">What was wrong with what, and what to do; null on success.</param>
public readonly record struct PreparationResult(string? Reason, string? Detail)
{
    public bool Succeeded => Reason is null;

    internal static PreparationResult BadPicture(string detail) => new(Reasons.BadPicture, detail);

    internal static PreparationResult WrongSize(string detail) => new(Reasons.WrongSize, detail);
}
