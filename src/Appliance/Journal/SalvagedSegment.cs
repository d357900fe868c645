namespace Appliance.Journal;

/// <summary>What can be made of a segment.</summary>
/// <param name="Whole">Its bytes when all that can be kept is kept; null when the file stays as it is.</param>
/// <param name="TornBytes">Bytes of an unfinished write at the end of the stream. No damage: the next start cuts them.</param>
internal sealed record SalvagedSegment(StreamKind Stream, uint Number, string Path, byte[]? Whole, IReadOnlyList<JournalLoss> Losses, long TornBytes);

/// <summary>One damaged place of the journal.</summary>
/// <param name="Offset">Of the damage, in the file as it was found.</param>
/// <param name="FirstIndex">Index of the first record that is missing or was mended.</param>
/// <param name="Records">Records lost; where no record follows, at least so many. 0 for none: mended, or only the link between two is gone.</param>
/// <param name="After">The last inspection before the place: for verdicts of which the record is whole, for facts the one that the record names.</param>
/// <param name="Before">The same after the place; null when nothing follows.</param>
/// <param name="HashBefore">Chain hash of the last whole record.</param>
/// <param name="HashAfter">Chain hash of the record that follows; null when none does.</param>
internal sealed record JournalLoss(
    string Path, long Offset, long Bytes, string Problem, bool Mended, ulong FirstIndex, ulong Records,
    InspectionId After, InspectionId? Before, DateTimeOffset? NotBefore, DateTimeOffset? NotAfter, string HashBefore, string? HashAfter);
