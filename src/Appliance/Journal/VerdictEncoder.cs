using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Appliance.Inspection;

namespace Appliance.Journal;

/// <summary>Serialises verdicts into one reused buffer. One thread at a time.</summary>
internal sealed class VerdictEncoder : IDisposable
{
    private readonly ArrayBufferWriter<byte> buffer = new(4096);
    private readonly Utf8JsonWriter writer;

    public VerdictEncoder() => writer = new(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    /// <summary>Valid until the next call. A number that JSON cannot say becomes 0; the verdict's reason tells why.</summary>
    public ReadOnlySpan<byte> Encode(VerdictMessage draft, string station, InspectionId id)
    {
        buffer.ResetWrittenCount();
        writer.Reset();
        var message = draft with
        {
            Station = station,
            Epoch = id.Epoch,
            Sequence = id.Sequence,
            Probability = float.IsFinite(draft.Probability) ? draft.Probability : 0,
            Distance = float.IsFinite(draft.Distance) ? draft.Distance : 0,
        };
        JsonSerializer.Serialize(writer, message, VerdictJson.Default.VerdictMessage);
        writer.Flush();
        return buffer.WrittenSpan;
    }

    public void Dispose() => writer.Dispose();
}
