using System.Globalization;

namespace Appliance.Capture;

/// <summary>One key that a source's URL may carry after the <c>?</c>.</summary>
/// <param name="Name">Lower-case name.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Min">Least value of a number.</param>
/// <param name="Max">Greatest value of a number.</param>
internal sealed record SourceKey(string Name, SourceKeyKind Kind, double Min = 0, double Max = 0)
{
    /// <summary>Null where the value is right, else what it takes.</summary>
    public string? Refuse(string value) => Kind switch
    {
        SourceKeyKind.Switch when value is not ("true" or "false") => "true or false",
        SourceKeyKind.Text when value.Length == 0 => "a text",
        SourceKeyKind.Whole when !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) || whole < Min || whole > Max
            => FormattableString.Invariant($"a whole number from {Min:0} to {Max:0}"),
        SourceKeyKind.Number when !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !(number >= Min && number <= Max)
            => FormattableString.Invariant($"a number from {Min} to {Max}"),
        _ => null,
    };
}

/// <summary>Kinds of values of a <see cref="SourceKey"/>.</summary>
internal enum SourceKeyKind
{
    Text,
    Switch,
    Whole,
    Number,
}
