using System.Globalization;
using System.Text.Json;

namespace Appliance.Journal;

/// <summary>Facts as payloads.</summary>
internal static class FactCodec
{
    public static byte[] Encode(Fact fact) => JsonSerializer.SerializeToUtf8Bytes(fact, FactJson.Default.Fact);

    /// <exception cref="JournalException">It is of a kind that this version does not know.</exception>
    public static Fact Decode(in RecordHead head, ReadOnlySpan<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, FactJson.Default.Fact) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new JournalException(string.Create(
                CultureInfo.InvariantCulture, $"Record {head.Index} of the facts cannot be read: {e.Message} A newer version may have written it."), e);
        }
    }
}
