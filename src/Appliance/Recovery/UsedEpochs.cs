using System.Text.Json;
using Appliance.Journal;

namespace Appliance.Recovery;

/// <summary>What a state directory has used, by every record of it that is whole, however damaged the rest is, or however little of it is left. Reads only.</summary>
/// <param name="Highest">The highest epoch that is known to have begun, or that a repair or restore went beyond.</param>
/// <param name="LastVerdict">The last verdict of which the record is whole.</param>
internal readonly record struct UsedEpochs(uint Highest, InspectionId LastVerdict)
{
    public static UsedEpochs Of(string state)
    {
        var (facts, verdicts) = (SegmentFiles.Directory(state, StreamKind.Facts), SegmentFiles.Directory(state, StreamKind.Verdicts));
        var last = SegmentFiles.List(verdicts).Reverse().Select(number => LastIn(SegmentFiles.PathOf(verdicts, number))).FirstOrDefault(id => id != default);
        var highest = Math.Max(last.Epoch, Acknowledged(state));
        foreach (var number in SegmentFiles.List(facts))
            foreach (var (head, payload) in Whole(SegmentFiles.PathOf(facts, number))) highest = Math.Max(highest, Math.Max(head.Id.Epoch, EpochIn(head, payload.Span)));
        return new(highest, last);
    }

    private static InspectionId LastIn(string path) => Whole(path).Where(r => r.Head.Type != RecordType.Lost).Select(r => r.Head.Id).LastOrDefault();

    private static uint EpochIn(in RecordHead head, ReadOnlySpan<byte> payload)
    {
        if (head.Type == RecordType.Lost) return LostRecords.Decode(payload)?.EpochFloor ?? 0;
        try
        {
            return FactCodec.Decode(head, payload) switch
            {
                EpochStarted started => started.Epoch,
                StateRestored restored => restored.EpochFloor,
                JournalRepaired repaired => repaired.EpochFloor,
                _ => 0,
            };
        }
        catch (JournalException)
        {
            return 0;
        }
    }

    private static IEnumerable<(RecordHead Head, ReadOnlyMemory<byte> Payload)> Whole(string path)
    {
        var bytes = ReadOrNothing(path);
        for (var at = SegmentHeader.SizeBytes; at >= 0 && at < bytes.Length;)
        {
            if (SegmentScan.IsWhole(bytes, at, out var head))
            {
                yield return (head, bytes.AsMemory(at + RecordHead.SizeBytes, head.PayloadBytes));
                at += head.RecordBytes;
            }
            else
            {
                at = SegmentScan.Next(bytes, at + 1, 0);
            }
        }
    }

    // Written after the verdict, by another hand.
    private static uint Acknowledged(string state)
    {
        try
        {
            using var outbox = JsonDocument.Parse(ReadOrNothing(Path.Combine(state, "outbox.json")));
            return outbox.RootElement.TryGetProperty("acknowledged", out var said) && InspectionId.TryParse(said.GetString(), out var id) ? id.Epoch : 0;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return 0;
        }
    }

    private static byte[] ReadOrNothing(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllBytes(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
