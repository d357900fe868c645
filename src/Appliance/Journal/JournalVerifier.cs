namespace Appliance.Journal;

/// <summary>Checks all of a journal, also while a service writes to it: checksums, chain of hashes, order of segments, sequences. Reads only.</summary>
internal static class JournalVerifier
{
    /// <param name="state">The state directory.</param>
    /// <exception cref="JournalException">A retention deletes verdicts faster than they can be looked at.</exception>
    public static JournalReport Verify(string state) => VerdictSegments.WithAnchors(state, () => Look(state));

    private static JournalReport Look(string state)
    {
        var anchors = new List<VerdictsAnchored>();
        var facts = new StreamCheck(SegmentFiles.Directory(state, StreamKind.Facts), StreamKind.Facts, [], each: (head, payload) =>
        {
            if (FactCodec.Decode(head, payload.Span) is VerdictsAnchored anchor) anchors.Add(anchor);
        }).Run();
        var verdicts = new StreamCheck(SegmentFiles.Directory(state, StreamKind.Verdicts), StreamKind.Verdicts, anchors, each: null).Run();
        return new JournalReport([facts, verdicts]);
    }
}
