using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Appliance.Journal;

/// <summary>Facts as payloads.</summary>
internal static class FactCodec
{
    private static readonly byte[] KindMember = Encoding.UTF8.GetBytes(typeof(Fact).GetCustomAttribute<JsonPolymorphicAttribute>()!.TypeDiscriminatorPropertyName!);

    public static byte[] Encode(Fact fact) => JsonSerializer.SerializeToUtf8Bytes(fact, FactJson.Default.Fact);

    /// <summary>Whether it is of this kind, by its first member, without decoding it.</summary>
    public static bool Is<T>(ReadOnlySpan<byte> payload) where T : Fact
    {
        var reader = new Utf8JsonReader(payload);
        return reader.Read() && reader.Read() && reader.ValueTextEquals(KindMember) && reader.Read() && reader.ValueTextEquals(Kind<T>.Name);
    }

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

    private static class Kind<T> where T : Fact
    {
        public static readonly byte[] Name = Encoding.UTF8.GetBytes(
            (string)typeof(Fact).GetCustomAttributes<JsonDerivedTypeAttribute>().Single(kind => kind.DerivedType == typeof(T)).TypeDiscriminator!);
    }
}
