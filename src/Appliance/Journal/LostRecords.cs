using System.Text.Json;
using System.Text.Json.Serialization;

namespace Appliance.Journal;

/// <summary>
/// Payload of the record that a repair puts where records were lost, so that the chain can be checked across the place. It is chained to the
/// record before; what comes after, it names.
/// </summary>
/// <param name="FirstIndex">Index of the first record lost; also the index of this record.</param>
/// <param name="Count">Records lost, as far as is known; 0 where only the link between two is.</param>
/// <param name="Offset">Where they lay in the damaged file.</param>
/// <param name="LostBytes">How many bytes there could not be read.</param>
/// <param name="Next">SHA-256 (hex) of the whole record that follows; null when none follows in the segment.</param>
/// <param name="After">Chain hash (hex) with which the next segment goes on; null when that is this record's own, or <paramref name="Next"/> is given.</param>
/// <param name="Original">The damaged file, from the state directory.</param>
/// <param name="EpochFloor">The next epoch is above this: a lost fact may have begun one. 0 among verdicts.</param>
internal sealed record LostRecords(
    ulong FirstIndex, ulong Count, long Offset, long LostBytes, string? Next, string? After, string Original, DateTimeOffset RepairedAt, uint EpochFloor = 0)
{
    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, LostJson.Default.LostRecords);

    /// <summary>Null for what is none.</summary>
    public static LostRecords? Decode(ReadOnlySpan<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, LostJson.Default.LostRecords);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LostRecords))]
internal sealed partial class LostJson : JsonSerializerContext;
