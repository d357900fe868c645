using System.Globalization;

namespace Appliance.Journal;

/// <summary>Reads facts from their segments, in order; what a repair found missing is passed over. Reads only.</summary>
internal static class FactReader
{
    /// <summary>Facts up to a tail; null for all that the files hold, without a torn end.</summary>
    /// <exception cref="JournalException">A segment is damaged.</exception>
    public static IEnumerable<(RecordHead Head, Fact Fact)> Read(string directory, StreamTail? tail = null) =>
        Records(directory, tail).Select(r => (r.Head, FactCodec.Decode(r.Head, r.Payload.Span)));

    /// <summary>As <see cref="Read"/>, without the first ones, which are checked and not decoded.</summary>
    public static IEnumerable<Fact> After(long first, string directory, StreamTail? tail) => Records(directory, tail).Skip(checked((int)first)).Select(r => FactCodec.Decode(r.Head, r.Payload.Span));

    /// <summary>The facts of one kind; the others are checked and not decoded.</summary>
    public static IEnumerable<T> Only<T>(string directory, StreamTail? tail = null) where T : Fact =>
        Records(directory, tail).Where(r => FactCodec.Is<T>(r.Payload.Span)).Select(r => (T)FactCodec.Decode(r.Head, r.Payload.Span));

    // A payload holds until the next record.
    private static IEnumerable<(RecordHead Head, ReadOnlyMemory<byte> Payload)> Records(string directory, StreamTail? tail)
    {
        foreach (var number in SegmentFiles.List(directory))
        {
            if (tail is { } t && number > t.Segment) yield break;
            using var reader = new SegmentReader(SegmentFiles.PathOf(directory, number));
            if (reader.Header is null) throw new JournalException($"Journal segment '{reader.Path}' is damaged: {reader.Problem}.");
            var limit = tail is { } last && last.Segment == number ? last.LengthBytes : reader.FileBytes;
            SegmentStep step;
            while ((step = reader.Next(limit)) == SegmentStep.Record)
            {
                if (reader.Head.Type != RecordType.Lost) yield return (reader.Head, reader.Payload);
            }
            if (step == SegmentStep.Broken)
                throw new JournalException(string.Create(CultureInfo.InvariantCulture, $"Journal segment '{reader.Path}' is damaged at byte {reader.Offset}: {reader.Problem}."));
        }
    }
}
