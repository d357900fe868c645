using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Appliance.Journal;

namespace Appliance.Tests.Recovery;

/// <summary>A record of a healthy segment, found by docs/formats.md alone, so that what a repair keeps is not judged by what the repair can read.</summary>
internal sealed record RawRecord(string Path, int Offset, int Bytes, bool IsLoss, string Payload)
{
    private const int HeaderBytes = 128;
    private const int HeadBytes = 88;
    private const int LossType = 4;

    public bool Overlaps(int from, int to) => Offset < to && from < Offset + Bytes;

    public static List<string> Segments(string state, StreamKind kind) =>
        [.. Directory.GetFiles(System.IO.Path.Combine(state, "journal", kind.ToString().ToLower(CultureInfo.InvariantCulture)), "*.seg").Order(StringComparer.Ordinal)];

    public static IEnumerable<RawRecord> In(string path)
    {
        var bytes = File.ReadAllBytes(path);
        for (var at = HeaderBytes; at < bytes.Length;)
        {
            var payload = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 4));
            yield return new(path, at, HeadBytes + payload, bytes[at + 40] == LossType, Encoding.UTF8.GetString(bytes, at + HeadBytes, payload));
            at += HeadBytes + payload;
        }
    }
}
