using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Oracle;

/// <summary>A record as it lies in a segment.</summary>
/// <param name="IsLoss">A repair put it where records were lost; its identity is that of the last record before.</param>
internal sealed record SegmentRecord(Identity Id, string Payload, bool IsLoss);

/// <summary>Reads a stream by docs/formats.md alone, without a line of the product's code, and follows its hash chain.</summary>
internal static class Segments
{
    private const int HeaderBytes = 128;
    private const int HeadBytes = 88;

    private const int LossType = 4;

    public static IEnumerable<SegmentRecord> Read(string directory)
    {
        var paths = Directory.EnumerateFiles(directory, "*.seg").Order(StringComparer.Ordinal).ToList();
        Chain? chain = null;
        foreach (var path in paths)
        {
            var bytes = File.ReadAllBytes(path);
            var last = path == paths[^1];
            if (bytes.Length < HeaderBytes)
            {
                if (last) yield break;
                throw new InvalidDataException($"{path} has no whole header.");
            }

            chain ??= new() { Hash = bytes[32..64] };
            if (!chain.Hash.AsSpan().SequenceEqual(bytes.AsSpan(32, 32))) throw new InvalidDataException($"{path} does not follow the segment before it.");
            var at = HeaderBytes;
            while (Next(bytes, ref at, chain) is { } record) yield return record;
            if (at < bytes.Length && !(last && IsTorn(bytes, at))) throw new InvalidDataException($"{path} is damaged at byte {at}.");
        }
    }

    // Null at the end, and at whatever is no whole record in the chain.
    private static SegmentRecord? Next(byte[] bytes, ref int at, Chain chain)
    {
        if (bytes.Length - at < HeadBytes) return null;
        var head = bytes.AsSpan(at, HeadBytes);
        var length = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        if (length < 0 || bytes.Length - at - HeadBytes < length) return null;
        var payload = bytes.AsSpan(at + HeadBytes, length);
        var isLoss = head[40] == LossType;
        if (!chain.Takes(head, payload, isLoss)) return null;
        chain.Hash = head[56..].ToArray();
        chain.Named = null;
        if (isLoss) chain.GoOnAfter(JsonNode.Parse(payload)!);
        at += HeadBytes + length;
        return new(new(BinaryPrimitives.ReadUInt32LittleEndian(head[12..]), BinaryPrimitives.ReadUInt64LittleEndian(head[16..])), Encoding.UTF8.GetString(payload), isLoss);
    }

    /// <summary>Where the chain stands. After a loss the record that follows is named by its own hash.</summary>
    private sealed class Chain
    {
        public byte[] Hash { get; set; } = [];

        public byte[]? Named { get; set; }

        // The named one may be lost in its turn.
        public bool Takes(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, bool isLoss) =>
            Named is { } named && SHA256.HashData([.. head, .. payload]).AsSpan().SequenceEqual(named)
            || ((Named is null || isLoss) && SHA256.HashData([.. Hash, .. head[4..56], .. payload]).AsSpan().SequenceEqual(head[56..]));

        public void GoOnAfter(JsonNode loss)
        {
            if ((string?)loss["next"] is { } next) Named = Convert.FromHexString(next);
            else if ((string?)loss["after"] is { } after) Hash = Convert.FromHexString(after);
        }
    }

    // A write that a crash cut off: the file ends inside the record, or the rest is zeros.
    private static bool IsTorn(byte[] bytes, int at)
    {
        var rest = bytes.AsSpan(at);
        return rest.Length < HeadBytes || BinaryPrimitives.ReadInt32LittleEndian(rest[4..]) > rest.Length - HeadBytes || rest[^1] == 0;
    }
}
