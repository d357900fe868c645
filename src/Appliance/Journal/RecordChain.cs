using System.Security.Cryptography;

namespace Appliance.Journal;

/// <summary>Where a stream stands: the hash of its last record and the index of the next. One thread.</summary>
internal sealed class RecordChain : IDisposable
{
    private readonly IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] scratch = new byte[RecordHead.HashBytes];
    // SHA-256 of the record that must come, where the hash of the one before it is lost.
    private byte[]? named;

    /// <summary>Hash of the last record; zeros before the first of all.</summary>
    public byte[] Hash { get; } = new byte[RecordHead.HashBytes];

    public ulong NextIndex { get; private set; }

    public void Restart(ulong nextIndex, ReadOnlySpan<byte> hash)
    {
        NextIndex = nextIndex;
        hash.CopyTo(Hash);
        named = null;
    }

    /// <summary>Puts hash and checksum into a head that is otherwise written. The chain moves on only with <see cref="Accept"/>.</summary>
    public void Seal(Span<byte> head, ReadOnlySpan<byte> payload)
    {
        Compute(head, payload, head.Slice(RecordHead.HashOffset, RecordHead.HashBytes));
        RecordHead.WriteChecksum(head);
    }

    /// <summary>Takes the record as the last one.</summary>
    public void Accept(ReadOnlySpan<byte> head)
    {
        head.Slice(RecordHead.HashOffset, RecordHead.HashBytes).CopyTo(Hash);
        NextIndex++;
        named = null;
    }

    /// <summary>Null when the record follows the last one, and then takes it; the problem in words otherwise.</summary>
    public string? Follow(in RecordHead head, ReadOnlySpan<byte> headBytes, ReadOnlySpan<byte> payload)
    {
        if (head.Index != NextIndex) return $"record {NextIndex} was expected, {head.Index} is there";
        if (named is null || !Whole(headBytes, payload).AsSpan().SequenceEqual(named))
        {
            // The named record may be lost in its turn: then a repair stands here again, chained to the one before.
            if (named is not null && head.Type != RecordType.Lost) return $"record {head.Index} is another one than the repair before it names";
            Compute(headBytes, payload, scratch);
            if (!headBytes.Slice(RecordHead.HashOffset, RecordHead.HashBytes).SequenceEqual(scratch)) return $"the chain of hashes breaks at record {head.Index}";
        }
        Accept(headBytes);
        return head.Type == RecordType.Lost ? Skip(head, LostRecords.Decode(payload)) : null;
    }

    // SHA-256 over head and payload.
    private byte[] Whole(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        sha.AppendData(head);
        sha.AppendData(payload);
        return sha.GetHashAndReset();
    }

    public void Dispose() => sha.Dispose();

    private string? Skip(in RecordHead head, LostRecords? lost)
    {
        if (lost is null || lost.FirstIndex != head.Index) return $"record {head.Index} does not say what is missing there";
        NextIndex = lost.FirstIndex + lost.Count;
        if (lost.Next is { } next) named = Convert.FromHexString(next);
        else if (lost.After is { } after) Convert.FromHexString(after).CopyTo(Hash.AsSpan());
        return null;
    }

    private void Compute(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, Span<byte> to)
    {
        sha.AppendData(Hash);
        sha.AppendData(head[4..RecordHead.HashOffset]);
        sha.AppendData(payload);
        sha.TryGetHashAndReset(to, out _);
    }
}
