namespace Appliance.Journal;

/// <summary>What <see cref="JournalVerifier"/> found.</summary>
internal sealed record JournalReport(IReadOnlyList<StreamReport> Streams)
{
    public bool IsIntact => Streams.All(s => s.Damage is null);
}

/// <summary>One stream.</summary>
/// <param name="Records">Records that are in order, up to the first bad place.</param>
/// <param name="TornTailBytes">Bytes of an unfinished write at the end, which the next start cuts. No damage.</param>
/// <param name="Lost">Places where a repair has named what is missing. No damage any more.</param>
/// <param name="Damage">The first bad place; null for none.</param>
internal sealed record StreamReport(string Stream, int Segments, long Records, long LengthBytes, long TornTailBytes, IReadOnlyList<LostRecords> Lost, JournalDamage? Damage);

/// <summary>Where a stream stops being what was written.</summary>
internal sealed record JournalDamage(string Path, long Offset, string What);
