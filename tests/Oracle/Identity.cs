using System.Globalization;
using System.Text.Json.Nodes;

namespace Oracle;

/// <summary>Epoch and sequence of one inspection.</summary>
internal readonly record struct Identity(uint Epoch, ulong Sequence) : IComparable<Identity>
{
    public static Identity Of(JsonNode verdict) => new((uint)verdict["epoch"]!, (ulong)verdict["sequence"]!);

    /// <summary>Of <c>EPOCH-SEQUENCE</c>, as the station writes it.</summary>
    public static Identity Parse(string text)
    {
        var parts = text.Split('-');
        return new(uint.Parse(parts[0], CultureInfo.InvariantCulture), ulong.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    public static bool operator <(Identity a, Identity b) => a.CompareTo(b) < 0;

    public static bool operator >(Identity a, Identity b) => a.CompareTo(b) > 0;

    public static bool operator <=(Identity a, Identity b) => a.CompareTo(b) <= 0;

    public static bool operator >=(Identity a, Identity b) => a.CompareTo(b) >= 0;

    public int CompareTo(Identity other) => Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Sequence.CompareTo(other.Sequence);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}-{Sequence}");
}
