using Appliance.Journal;

namespace Appliance.Recovery;

/// <summary>Examines both streams of the journal, facts first, and holds them against each other.</summary>
internal static class JournalExamination
{
    // A lost fact may have begun an epoch; nobody starts a station so often between two facts.
    private const uint EpochsAfterLoss = 1000;

    /// <summary>Records of facts and of verdicts. Where one only looks, the service may run, and retention delete verdicts: then it is looked again.</summary>
    public static (long Facts, long Verdicts) Run(Examination exam)
    {
        if (exam.Quarantine is not null) return Walk(exam);
        var before = exam.Findings.Count;
        return VerdictSegments.WithAnchors(exam.State, () =>
        {
            exam.Findings.RemoveRange(before, exam.Findings.Count - before);
            exam.Facts.Clear();
            return Walk(exam);
        });
    }

    private static (long Facts, long Verdicts) Walk(Examination exam)
    {
        long records = 0, verdicts = 0;
        var floor = exam.Used.Highest + EpochsAfterLoss;
        var facts = new StreamExamination(exam, StreamKind.Facts, floor);
        var isWhole = facts.Run((head, payload) =>
        {
            records++;
            Decode(exam, head, payload);
        });
        // What else must be there is not known then.
        if (!isWhole) exam.OnlyLook();
        if (exam.Quarantine is not null) facts.TellAgain();
        if (exam.Quarantine is not null) exam.Write();
        var judged = new SortedSet<uint>();
        var stream = new StreamExamination(exam, StreamKind.Verdicts, 0);
        stream.Run((head, _) =>
        {
            verdicts++;
            judged.Add(head.Id.Epoch);
        });
        if (exam.Quarantine is not null) stream.TellAgain();
        if (isWhole) CheckEpochs(exam, facts.NamedFloor, judged, floor);
        if (exam.Quarantine is not null) exam.Write();
        return (records, verdicts);
    }

    /// <summary>Every epoch was begun by a fact: where verdicts are of one that was not, facts are gone, perhaps without another trace.</summary>
    private static void CheckEpochs(Examination exam, uint namedFloor, SortedSet<uint> judged, uint floor)
    {
        judged.ExceptWith(exam.Facts.OfType<EpochStarted>().Select(e => e.Epoch));
        if (judged.Count == 0) return;
        var named = exam.Facts.Concat(exam.Told).OfType<JournalRepaired>().Where(f => f.Stream == "facts" && !f.Mended).Select(f => f.EpochFloor).Append(namedFloor).Max();
        var remedy = judged.Max <= named ? Remedy.Named : Remedy.Lost;
        var directory = SegmentFiles.Directory(exam.State, StreamKind.Facts);
        var problem = $"there are verdicts of epoch {string.Join(", ", judged)} and no fact that began it";
        exam.Add("journal", directory, problem, "facts of that time are lost: labels, promotions and triggers may be among them", remedy);
        if (remedy == Remedy.Named) return;
        exam.KeepIndex();
        if (exam.Quarantine is null) return;
        var last = SegmentFiles.List(directory) is [.., var number] ? number : 0;
        exam.Tell(new JournalRepaired(
            "facts", last, last == 0 ? 0 : new FileInfo(SegmentFiles.PathOf(directory, last)).Length, 0, problem, false, 0, 0, exam.Used.LastVerdict.ToString(), null, null, null, "", null, "", floor)
        { At = exam.Time.GetUtcNow() });
    }

    private static void Decode(Examination exam, RecordHead head, ReadOnlyMemory<byte> payload)
    {
        try
        {
            exam.Facts.Add(FactCodec.Decode(head, payload.Span));
        }
        catch (JournalException e)
        {
            exam.Add("journal", SegmentFiles.Directory(exam.State, StreamKind.Facts), e.Message, "the service does not start with it. Use a newer appliance", Remedy.None);
        }
    }
}
