using System.Buffers;
using System.Security.Cryptography;
using Inference.Files;

namespace Appliance.Journal;

/// <summary>Where the segment after begins, as its header says.</summary>
internal readonly record struct SegmentJoin(ulong FirstIndex, byte[] PreviousHash);

/// <summary>What a record in the place of lost ones says beside the place.</summary>
/// <param name="Original">Where the damaged file will lie, from the state directory.</param>
/// <param name="EpochFloor">The next epoch is above this.</param>
internal readonly record struct LossMark(string Original, uint EpochFloor);

/// <summary>
/// Keeps of a damaged segment every record that can be read, byte for byte. A single flipped bit is put right, which the chain of hashes proves;
/// what is beyond that is replaced by a <see cref="LostRecords"/>. Writes nothing itself.
/// </summary>
/// <param name="bytes">The file; empty for one that is missing. Mended in place.</param>
/// <param name="chain">Of the stream, moved on to the segment's end.</param>
/// <param name="each">Sees every record that is kept.</param>
internal sealed class SegmentSalvage(SegmentHeader expected, string path, byte[] bytes, RecordChain chain, LossMark mark, TimeProvider time, Action<RecordHead, ReadOnlyMemory<byte>>? each)
{
    // More would take seconds; records are some hundred bytes long.
    private const int MaxMendedPayload = 32 << 10;
    private readonly ArrayBufferWriter<byte> whole = new();
    private readonly List<JournalLoss> losses = [];
    private RecordHead? last;
    private bool changed;

    /// <summary>Walks it. <paramref name="next"/> is null when there is no segment behind, or its header cannot be read.</summary>
    /// <param name="isLast">Nothing follows, so that its end may be a torn write.</param>
    /// <param name="last">Head of the stream's last record; moved on.</param>
    public SalvagedSegment Run(SegmentJoin? next, bool isLast, ref RecordHead? last)
    {
        this.last = last;
        TakeHeader();
        var at = SegmentHeader.SizeBytes;
        long torn = 0;
        while (at < bytes.Length && torn == 0)
        {
            if (TakeRecord(at) is var taken and > 0 || (taken = Mend(at)) > 0)
            {
                at += taken;
                continue;
            }
            var following = SegmentScan.Next(bytes, at, chain.NextIndex);
            if (following >= 0)
            {
                at = SkipTo(at, following);
                continue;
            }
            if (isLast && IsTorn(at)) torn = bytes.Length - at;
            else LoseEnd(at, next);
            at = bytes.Length;
        }
        if (next is { } join && join.FirstIndex >= chain.NextIndex && !(join.FirstIndex == chain.NextIndex && join.PreviousHash.AsSpan().SequenceEqual(chain.Hash)))
            LoseEnd(bytes.Length, next);
        last = this.last;
        return new(expected.Stream, expected.Number, path, changed ? [.. whole.WrittenSpan, .. bytes.AsSpan(bytes.Length - (int)torn)] : null, losses, torn);
    }

    private void TakeHeader()
    {
        var header = SegmentHeader.Read(bytes.AsSpan(0, Math.Min(bytes.Length, SegmentHeader.SizeBytes)), out var problem);
        if (!Follows(header))
        {
            if (header is not null) problem = "its header is that of another segment";
            var mended = bytes.Length >= SegmentHeader.SizeBytes
                && SingleBit.TryMend(bytes, 0, SegmentHeader.SizeBytes, () => Follows(SegmentHeader.Read(bytes.AsSpan(0, SegmentHeader.SizeBytes), out _)));
            changed = true;
            // Made anew it says the same, but for the time.
            if (bytes.Length > 0) Note(0, Math.Min(bytes.Length, SegmentHeader.SizeBytes), problem, true, 0, null);
            header = mended ? SegmentHeader.Read(bytes.AsSpan(0, SegmentHeader.SizeBytes), out _) : null;
        }
        var to = new byte[SegmentHeader.SizeBytes];
        (header ?? expected).Write(to);
        whole.Write(to);
    }

    private bool Follows(SegmentHeader? header) => header is not null && header.Stream == expected.Stream && header.Station == expected.Station
        && header.Number == expected.Number && header.FirstIndex == chain.NextIndex && header.PreviousHash.AsSpan().SequenceEqual(chain.Hash);

    /// <returns>Bytes of the record there; 0 when it is not whole or does not follow.</returns>
    private int TakeRecord(int at)
    {
        if (!SegmentScan.IsWhole(bytes, at, out var head)) return 0;
        var record = bytes.AsSpan(at, head.RecordBytes);
        if (chain.Follow(head, record[..RecordHead.SizeBytes], record[RecordHead.SizeBytes..]) is not null) return 0;
        whole.Write(record);
        last = head;
        each?.Invoke(head, bytes.AsMemory(at + RecordHead.SizeBytes, head.PayloadBytes));
        return head.RecordBytes;
    }

    private int Mend(int at)
    {
        var (before, previous) = (Convert.ToHexStringLower(chain.Hash), last);
        var taken = 0;
        bool IsSound() => (taken = TakeRecord(at)) > 0;
        if (bytes.Length - at < RecordHead.SizeBytes || SegmentScan.IsWhole(bytes, at, out _)) return 0;
        var sound = SegmentScan.HasHead(bytes, at, out var head)
            ? head.PayloadBytes <= Math.Min(MaxMendedPayload, bytes.Length - at - RecordHead.SizeBytes) && SingleBit.TryMend(bytes, at + RecordHead.SizeBytes, head.PayloadBytes, IsSound)
            : SingleBit.TryMend(bytes, at, RecordHead.SizeBytes, IsSound);
        if (!sound) return 0;
        var (mended, after) = (last, last);
        last = previous;
        Note(at, taken, "a bit is flipped", true, 0, mended, index: mended!.Value.Index, hashBefore: before);
        last = after;
        return taken;
    }

    private int SkipTo(int at, int following)
    {
        SegmentScan.IsWhole(bytes, following, out var head);
        var record = bytes.AsSpan(following, head.RecordBytes);
        var sha = Convert.ToHexStringLower(SHA256.HashData(record));
        var count = head.Index - chain.NextIndex;
        Note(at, following - at, following == at ? "the chain of hashes breaks here" : "it cannot be read", false, count, head,
            hashAfter: Convert.ToHexStringLower(record.Slice(RecordHead.HashOffset, RecordHead.HashBytes)));
        WriteLost(at, following - at, count, sha, null);
        return following + TakeRecord(following);
    }

    private void LoseEnd(int at, SegmentJoin? next)
    {
        var join = next is { } known && known.FirstIndex >= chain.NextIndex ? known : (SegmentJoin?)null;
        var seen = SegmentScan.HighestIndex(bytes, at) is { } highest && highest >= chain.NextIndex ? highest - chain.NextIndex + 1 : 1;
        var count = join is { } j ? j.FirstIndex - chain.NextIndex : at < bytes.Length ? seen : 0;
        var after = join is { } k ? Convert.ToHexStringLower(k.PreviousHash) : null;
        Note(at, bytes.Length - at, bytes.Length == 0 ? "it is missing" : at < bytes.Length ? "it cannot be read" : "it ends too early", false, count, null, hashAfter: after);
        WriteLost(at, bytes.Length - at, count, null, after);
    }

    private void WriteLost(int at, int lostBytes, ulong count, string? next, string? after)
    {
        var now = time.GetUtcNow();
        var payload = new LostRecords(chain.NextIndex, count, at, lostBytes, next, after, mark.Original, now, mark.EpochFloor).Encode();
        var head = new RecordHead(payload.Length, Crc32C.Of(payload), last?.Id ?? default, chain.NextIndex, WallTime.ToMicroseconds(now), RecordType.Lost);
        var record = new byte[head.RecordBytes];
        head.Write(record);
        payload.CopyTo(record, RecordHead.SizeBytes);
        chain.Seal(record, payload);
        if (chain.Follow(head, record.AsSpan(0, RecordHead.SizeBytes), payload) is { } problem) throw new InvalidOperationException(problem);
        whole.Write(record);
    }

    private void Note(
        long offset, long count, string problem, bool mended, ulong records, RecordHead? following, ulong? index = null, string? hashBefore = null, string? hashAfter = null)
    {
        changed = true;
        losses.Add(new JournalLoss(
            path, offset, count, problem, mended, index ?? chain.NextIndex, records, last?.Id ?? default, following?.Id, last?.At, following?.At,
            hashBefore ?? Convert.ToHexStringLower(chain.Hash), hashAfter));
    }

    private bool IsTorn(int at)
    {
        using var reader = new SegmentReader(path);
        if (reader.Header is null && bytes.Length < SegmentHeader.SizeBytes) return true;
        reader.GoTo(at);
        return reader.Next(bytes.Length) == SegmentStep.Torn;
    }
}
