using Appliance.Journal;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>Examines one stream of the journal, and in a repair writes damaged segments anew with all that can be kept.</summary>
/// <param name="epochFloor">What a repair says of the next epoch where records are lost; 0 among verdicts.</param>
internal sealed class StreamExamination(Examination exam, StreamKind kind, uint epochFloor)
{
    private readonly List<(RecordHead Head, LostRecords Lost)> named = [];

    public static string NameOf(StreamKind kind) => kind == StreamKind.Facts ? "facts" : "verdicts";

    /// <summary>Facts in the place of those that are lost say of the next epoch at least this.</summary>
    public uint NamedFloor => named.Select(n => n.Lost.EpochFloor).DefaultIfEmpty().Max();

    /// <summary>False when it could not be read to its end: then it is as it was from there on.</summary>
    /// <param name="each">Sees every record that is kept.</param>
    public bool Run(Action<RecordHead, ReadOnlyMemory<byte>> each)
    {
        var salvage = new StreamSalvage(exam.State, kind, exam.Station, [.. exam.Facts.OfType<VerdictsAnchored>()], epochFloor, exam.Time);
        var segments = salvage.Run(exam.Quarantine?.Name ?? "quarantine", (head, payload) =>
        {
            if (head.Type != RecordType.Lost) each(head, payload);
            else if (LostRecords.Decode(payload.Span) is { } lost) AddNamed(head, lost);
        });
        try
        {
            foreach (var segment in segments) Take(segment);
            return true;
        }
        catch (UnreadableSegmentException e)
        {
            exam.AddUnreadable("journal", e.Path, e.InnerException!);
            return false;
        }
    }

    /// <summary>A repair that was cut off may have put its records into the stream and not its facts into the journal.</summary>
    public void TellAgain()
    {
        var said = exam.Facts.Concat(exam.Told).OfType<JournalRepaired>().Where(f => f.Stream == NameOf(kind) && !f.Mended).Select(f => (f.FirstIndex, f.Records)).ToHashSet();
        foreach (var (head, lost) in named.Where(n => !said.Contains((n.Lost.FirstIndex, n.Lost.Count))))
        {
            _ = uint.TryParse(Path.GetFileName(lost.Original).Split('.')[0], out var segment);
            exam.Tell(new JournalRepaired(
                NameOf(kind), segment, lost.Offset, lost.LostBytes, "it could not be read; the repair that found it was cut off", false, lost.FirstIndex, lost.Count, head.Id.ToString(),
                null, null, lost.RepairedAt, "", lost.After, lost.Original, lost.EpochFloor) { At = exam.Time.GetUtcNow() });
        }
    }

    private void Take(SalvagedSegment segment)
    {
        exam.Progress.Say($"journal, {kind} segment {segment.Number}");
        foreach (var loss in segment.Losses) exam.Add("journal", loss.Path, loss.Problem, Means(loss), loss.Mended ? Remedy.Restored : Remedy.Lost, loss.Offset);
        if (kind == StreamKind.Facts && segment.Losses.Any(l => !l.Mended)) exam.KeepIndex();
        if (segment.Whole is { } whole && exam.Quarantine is { } quarantine) Replace(quarantine, segment, whole);
    }

    private void Replace(Quarantine quarantine, SalvagedSegment segment, byte[] whole)
    {
        var original = File.Exists(segment.Path) ? quarantine.Copy(segment.Path) : Path.Combine(quarantine.Name, Path.GetRelativePath(exam.State, segment.Path));
        WholeFile.Write(exam.Files, segment.Path, whole);
        foreach (var loss in segment.Losses)
        {
            exam.Tell(new JournalRepaired(
                NameOf(kind), segment.Number, loss.Offset, loss.Bytes, loss.Problem, loss.Mended, loss.FirstIndex, loss.Records, loss.After.ToString(),
                loss.Before?.ToString(), loss.NotBefore, loss.NotAfter, loss.HashBefore, loss.HashAfter, original, loss.Mended ? 0 : epochFloor) { At = exam.Time.GetUtcNow() });
        }
    }

    private void AddNamed(RecordHead head, LostRecords lost)
    {
        named.Add((head, lost));
        exam.Add(
            "journal", Path.Combine(exam.State, lost.Original), $"{lost.LostBytes} bytes could not be read",
            FormattableString.Invariant($"damaged, repaired on {lost.RepairedAt:yyyy-MM-dd HH:mm:ss'Z'}, {lost.Count} {NameOf(kind)} from record {lost.FirstIndex} on are lost"), Remedy.Named, lost.Offset);
    }

    private string Means(JournalLoss loss)
    {
        if (loss.Mended) return "what was there is known for certain; nothing is lost";
        var where = kind == StreamKind.Verdicts
            ? loss.Before is { } before ? $"the verdicts between {loss.After} and {before}" : $"the verdicts after {loss.After}"
            : loss.NotAfter is { } until
                ? FormattableString.Invariant($"the facts between {loss.NotBefore:yyyy-MM-dd HH:mm:ss'Z'} and {until:yyyy-MM-dd HH:mm:ss'Z'}")
                : FormattableString.Invariant($"the facts after {loss.NotBefore:yyyy-MM-dd HH:mm:ss'Z'}");
        return FormattableString.Invariant($"{loss.Records} records from {loss.FirstIndex} on are lost: {where}");
    }
}
