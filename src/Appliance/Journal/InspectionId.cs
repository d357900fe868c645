using System.Globalization;

namespace Appliance.Journal;

/// <summary>Identity of an inspection and of its sample within a station, written <c>epoch-sequence</c>, for example <c>3-1204</c>. Sequences start at 1.</summary>
internal readonly record struct InspectionId(uint Epoch, ulong Sequence) : IComparable<InspectionId>
{
    public int CompareTo(InspectionId other) => Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Sequence.CompareTo(other.Sequence);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}-{Sequence}");

    /// <summary>Reads <c>epoch-sequence</c>; false for anything else.</summary>
    public static bool TryParse(string? text, out InspectionId id)
    {
        id = default;
        var dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        if (dash <= 0) return false;
        if (!uint.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)) return false;
        if (!ulong.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)) return false;
        id = new(epoch, sequence);
        return true;
    }

    public static bool operator <(InspectionId left, InspectionId right) => left.CompareTo(right) < 0;

    public static bool operator <=(InspectionId left, InspectionId right) => left.CompareTo(right) <= 0;

    public static bool operator >(InspectionId left, InspectionId right) => left.CompareTo(right) > 0;

    public static bool operator >=(InspectionId left, InspectionId right) => left.CompareTo(right) >= 0;
}
