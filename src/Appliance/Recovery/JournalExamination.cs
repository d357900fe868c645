using Appliance.Journal;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>Examines both streams of the journal, and in a repair writes damaged segments anew with all that can be kept.</summary>
internal static class JournalExamination
{
    // A lost fact may have begun an epoch; nobody starts a station so often between two facts.
    private const uint EpochsAfterLoss = 1000;

    /// <summary>Station of the journal, records of facts and of verdicts.</summary>
    /// <exception cref="JournalException">No segment says whose it is.</exception>
    public static (string Station, long Facts, long Verdicts) Run(Examination exam)
    {
        var station = JournalStation.Find(exam.State)
            ?? throw new JournalException($"No segment of the journal in '{exam.State}' has a header that can be read, so nobody knows which station it belongs to. Restore a backup with 'appliance restore'.");
        long facts = 0, verdicts = 0;
        Stream(exam, station, StreamKind.Facts, (head, payload) =>
        {
            facts++;
            Decode(exam, head, payload);
        });
        Stream(exam, station, StreamKind.Verdicts, (head, _) => verdicts += head.Type == RecordType.Lost ? 0 : 1);
        return (station, facts, verdicts);
    }

    private static void Stream(Examination exam, string station, StreamKind kind, Action<RecordHead, ReadOnlyMemory<byte>> each)
    {
        var salvage = new StreamSalvage(exam.State, kind, station, [.. exam.Facts.OfType<VerdictsAnchored>()], exam.Time);
        foreach (var segment in salvage.Run(exam.Quarantine?.Name ?? "quarantine", (head, payload) =>
        {
            if (head.Type == RecordType.Lost) AddNamed(exam, kind, LostRecords.Decode(payload.Span)!);
            else each(head, payload);
        }))
        {
            exam.Progress.Say($"journal, {kind} segment {segment.Number}");
            foreach (var loss in segment.Losses) exam.Add("journal", loss.Path, loss.Problem, Means(kind, loss), loss.Mended ? Remedy.Restored : Remedy.Lost, loss.Offset);
            if (segment.Whole is { } whole && exam.Quarantine is { } quarantine) Replace(exam, quarantine, segment, whole);
        }
    }

    private static void Replace(Examination exam, Quarantine quarantine, SalvagedSegment segment, byte[] whole)
    {
        if (File.Exists(segment.Path)) quarantine.Copy(segment.Path);
        WholeFile.Write(exam.Files, segment.Path, whole);
        var original = Path.Combine(quarantine.Name, Path.GetRelativePath(exam.State, segment.Path));
        foreach (var loss in segment.Losses)
        {
            var floor = segment.Stream == StreamKind.Facts && loss is { Mended: false, HashAfter: null } ? LastEpoch(exam, loss) + EpochsAfterLoss : 0;
            exam.Told.Add(new JournalRepaired(
                Name(segment.Stream), segment.Number, loss.Offset, loss.Bytes, loss.Problem, loss.Mended, loss.FirstIndex, loss.Records, loss.After.ToString(),
                loss.Before?.ToString(), loss.NotBefore, loss.NotAfter, loss.HashBefore, loss.HashAfter, original, floor) { At = exam.Time.GetUtcNow() });
        }
    }

    private static uint LastEpoch(Examination exam, JournalLoss loss) =>
        Math.Max(loss.After.Epoch, exam.Facts.OfType<EpochStarted>().Select(e => e.Epoch).DefaultIfEmpty().Max());

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

    private static void AddNamed(Examination exam, StreamKind kind, LostRecords lost) => exam.Add(
        "journal", Path.Combine(exam.State, lost.Original), $"{lost.LostBytes} bytes could not be read",
        FormattableString.Invariant($"damaged, repaired on {lost.RepairedAt:yyyy-MM-dd HH:mm:ss'Z'}, {lost.Count} {Name(kind)} from record {lost.FirstIndex} on are lost"), Remedy.Named, lost.Offset);

    private static string Means(StreamKind kind, JournalLoss loss)
    {
        if (loss.Mended) return "what was there is known for certain; nothing is lost";
        var where = kind == StreamKind.Verdicts
            ? loss.Before is { } before ? $"the verdicts between {loss.After} and {before}" : $"the verdicts after {loss.After}"
            : loss.NotAfter is { } until
                ? FormattableString.Invariant($"the facts between {loss.NotBefore:yyyy-MM-dd HH:mm:ss'Z'} and {until:yyyy-MM-dd HH:mm:ss'Z'}")
                : FormattableString.Invariant($"the facts after {loss.NotBefore:yyyy-MM-dd HH:mm:ss'Z'}");
        return FormattableString.Invariant($"{loss.Records} records from {loss.FirstIndex} on are lost: {where}");
    }

    private static string Name(StreamKind kind) => kind == StreamKind.Facts ? "facts" : "verdicts";
}
